// SPDX-License-Identifier: MIT
import type { ExecOptions } from '../../machines/ssh/session.js';
import { OutputTooLongError } from '../../machines/ssh/errors.js';
import { OUTPUT_LIMIT } from '../../machines/ssh/remote-output.js';

/** Whose output it is, for an error. */
export interface OutputOwner {
  readonly node: string;
  readonly program: string;
}

/** One output stream of a command: handed to a listener, and kept for the result. */
export class KeptOutput {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    readonly owner: OutputOwner,
    readonly keep: NonNullable<ExecOptions['keep']>,
    readonly listener: ExecOptions['onStdout'],
  ) {}

  /** What was kept, as UTF-8. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** @throws OutputTooLongError when more has come than may be kept */
  async take(chunk: Buffer): Promise<void> {
    if (this.keep === 'buffer') this.#remember(chunk);
    await this.listener?.(chunk);
  }

  #remember(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > OUTPUT_LIMIT)
      throw new OutputTooLongError(this.owner.node, this.owner.program, OUTPUT_LIMIT);
    this.#chunks.push(chunk);
  }
}
