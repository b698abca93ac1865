// SPDX-License-Identifier: MIT
import type { SetUp } from '../../experiment/scenario/set-up.js';
import type { BuildRequest } from '../build/build-request.js';

/** Which machines are to come up. Everything may be left out: then they are those of scenarios/default.json. */
export interface MachinesRequest {
  /** A scenario's path, or the name of one of the project's own; what follows goes before what it says. */
  readonly scenario?: string;
  /** Number of guests, 1 to 16; those that the scenario does not have are like its last. */
  readonly nodes?: number;
  /** Memory of each guest: bytes, or a size such as `256M`. */
  readonly memory?: number | string;
  /** Virtual processors of each guest, 1 to 16. */
  readonly cpus?: number;
  /** Added to what the kernels' command lines have. */
  readonly kernelArguments?: readonly string[];
  /** Whether each guest gets a gdb socket. */
  readonly gdb?: boolean;
  /** Whether the memory of a guest whose kernel dies is kept, as an ELF core. */
  readonly dumpOnDeath?: boolean;
  /** What several guests are made ready for once they answer. One guest alone has nobody to swap or stretch to. */
  readonly with?: SetUp;
  /** Set-up flows to run then, instead of those of `with`. */
  readonly flows?: readonly string[];
}

/** Which machines are to come up, and what they are made of. The scenario's kernels and variant count as asked for. */
export type UpRequest = MachinesRequest & Omit<BuildRequest, 'virtualTime'>;
