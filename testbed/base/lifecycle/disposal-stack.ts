// SPDX-License-Identifier: MIT

/** Something to undo; run once. */
export type Undo = () => PromiseLike<void> | void;

/**
 * Ends what was started, in reverse order, on every way out. Node 20 has `Symbol.asyncDispose` but no
 * AsyncDisposableStack. This is the part of it that the testbed needs. When one undo fails, the others still run.
 */
export class DisposalStack implements AsyncDisposable {
  readonly #undos: Undo[] = [];
  #disposed: Promise<void> | undefined;

  get disposed(): boolean {
    return this.#disposed !== undefined;
  }

  /** Registers `resource` and hands it back. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** @throws Error when the stack is already disposed, since the resource would leak */
  defer(undo: Undo): void {
    if (this.disposed) throw new Error('registered with a disposal stack that is already disposed');
    this.#undos.push(undo);
  }

  /** Moves everything to a new stack, as the last step of a constructor that has succeeded. */
  move(): DisposalStack {
    const heir = new DisposalStack();
    heir.#undos.push(...this.#undos.splice(0));
    return heir;
  }

  /** Undoes everything, last first. A second call waits for the first. @throws AggregateError of all that failed */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#undoAll();
    return this.#disposed;
  }

  async #undoAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) {
      try {
        await undo();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length === 1) throw failures[0] as Error;
    if (failures.length > 1) throw new AggregateError(failures, 'several things could not be undone');
  }
}
