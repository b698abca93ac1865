// SPDX-License-Identifier: MIT
import type { LinkMeasurement } from '../machines/network/network.js';
import type { KernelProvenance } from '../products/kernel/line/kernel-product.js';
import type { Plan } from '../experiment/scenario/plan.js';
import type { Products } from '../machines/cluster/products.js';
import type { ClusterShape } from '../machines/cluster/shape.js';
import type { RemoteExit } from '../machines/ssh/session.js';

/** A request of a client. Each connection carries one. */
export type Request =
  /** Boots the cluster. Events come first, then the result, a {@link TestbedStatus}. */
  | {
      readonly verb: 'up';
      readonly shape: ClusterShape;
      readonly products: Products;
      readonly flows: readonly string[];
    }
  /** Runs the cells of a plan. Events come first, then the result, a RunOutcome. */
  | {
      readonly verb: 'run';
      readonly plan: Plan;
      readonly products: Products;
      readonly runFolder: string;
      readonly stopAtFailure?: boolean;
    }
  | { readonly verb: 'status' }
  /** As status, of a testbed that is up and of no other. */
  | { readonly verb: 'attach' }
  /** As attach. From now on the testbed outlives the process that started it. */
  | { readonly verb: 'detach' }
  /** Runs a command, with Stdout and Stderr frames back and Stdin frames there. The result is an {@link ExecAnswer}. */
  | {
      readonly verb: 'exec';
      readonly node: string;
      readonly argv: readonly [string, ...string[]];
      readonly input: boolean;
      readonly env?: Readonly<Record<string, string>>;
    }
  /** Runs a command, or a shell, on a terminal. All output comes as Stdout frames. The result is a RemoteExit. */
  | {
      readonly verb: 'shell';
      readonly node: string;
      readonly terminal: Terminal;
      readonly argv?: readonly string[];
    }
  /** Connects to the serial console until the client leaves. */
  | { readonly verb: 'console'; readonly node: string }
  /** Connects to the node's ssh port, for `ssh -o ProxyCommand`. */
  | { readonly verb: 'proxy'; readonly node: string }
  | { readonly verb: 'push' | 'pull'; readonly node: string; readonly local: string; readonly remote: string }
  | { readonly verb: 'flow'; readonly flow: string }
  | { readonly verb: 'reboot' | 'crash'; readonly node: string }
  | { readonly verb: 'partition'; readonly node: string; readonly connected: boolean }
  | { readonly verb: 'down' };

export interface Terminal {
  readonly rows: number;
  readonly columns: number;
  readonly term: string;
}

export interface NodeStatus {
  readonly name: string;
  readonly address: string;
  readonly state: 'up' | 'dead';
  /** For a dead node: how it died, and the first line of its kernel's report. */
  readonly reason?: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly qemuPid: number;
  /** QEMU and its arguments. */
  readonly commandLine: readonly string[];
  readonly consoleLog: string;
  readonly gdbSocket?: string;
  readonly oomKills: number;
  /** Whether it is on the network between the nodes. `partition` cuts it off. */
  readonly connected: boolean;
  /** Network block devices that have lost their server since the node booted, such as nbd0. */
  readonly lostDisks: readonly string[];
}

/** How a command of `exec` ended. */
export interface ExecAnswer extends RemoteExit {
  /** Processes that the OOM killer ended meanwhile. Looked for only when the command was killed. */
  readonly oomKills: readonly { readonly process: string; readonly pid: number }[];
}

/** Shape of `testbed status --json`. */
export interface TestbedStatus {
  readonly name: string;
  readonly state: 'empty' | 'starting' | 'up' | 'running';
  readonly supervisorPid: number;
  readonly since: string;
  readonly kernel: KernelProvenance | undefined;
  readonly accelerator: string | undefined;
  readonly network: 'bridge' | 'switch' | undefined;
  readonly link: LinkMeasurement | undefined;
  readonly nodes: readonly NodeStatus[];
  readonly shape: ClusterShape | undefined;
  /** Set-up flows that have been run since the last boot of a node, in order. */
  readonly flows: readonly string[];
  readonly folder: string;
  /** The kernel with symbols, for gdb. */
  readonly vmlinux: string | undefined;
}
