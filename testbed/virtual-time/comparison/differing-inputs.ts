// SPDX-License-Identifier: MIT
import type { CellRecord } from '../../experiment/result/cell-record.js';
import type { RunRecord } from '../../experiment/result/run-record.js';
import type { Cell } from '../../experiment/scenario/plan.js';
import { fieldDifferences } from './field-differences.js';
import { kernelParts } from './kernel-parts.js';

/** An input in which two runs of a cell differ. */
export interface InputDifference {
  /** `plugin` is coordinator and plugin, `plan` everything that the operator does; of the cell it is each field. */
  readonly input: 'kernel' | 'image' | 'plugin' | 'QEMU' | 'plan' | `cell.${string}`;
  /** The hash of the input (hex), or a field's value as JSON. Undefined where there is none. */
  readonly a: string | undefined;
  readonly b: string | undefined;
  /** Of the kernel: the parts that differ, where they are known. */
  readonly parts?: readonly string[];
}

/** What a cell was run with. */
export interface CellInputs {
  readonly record: Pick<RunRecord, 'kernel' | 'image'>;
  readonly cell: Cell;
  readonly result: Pick<CellRecord, 'virtualTime'>;
}

/** The inputs in which two runs of a cell differ: all that a run in virtual time is a function of. */
export function differingInputs(a: CellInputs, b: CellInputs): readonly InputDifference[] {
  const [left, right] = [hashesOf(a), hashesOf(b)];
  const hashes = INPUTS.filter((input) => left[input] !== right[input]).map((input) => ({
    input,
    a: left[input],
    b: right[input],
    ...(input === 'kernel' ? { parts: kernelParts(a.record.kernel, b.record.kernel) } : {}),
  }));
  const fields = fieldDifferences(a.cell, b.cell).map(
    ({ field, ...values }) => ({ input: `cell.${field}`, ...values }) as const,
  );
  return [...hashes, ...fields];
}

const INPUTS = ['kernel', 'image', 'plugin', 'QEMU', 'plan'] as const;

function hashesOf({
  record,
  result,
}: CellInputs): Readonly<Record<(typeof INPUTS)[number], string | undefined>> {
  const inputs = result.virtualTime?.inputs;
  return {
    kernel: record.kernel.key,
    image: record.image.key,
    plugin: inputs?.lockstep,
    QEMU: inputs?.qemu,
    plan: inputs?.plan,
  };
}
