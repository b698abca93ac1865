// SPDX-License-Identifier: MIT

const PAGE = 4096;
const MIB = 2 ** 20;

/** Pages as text: `12.5 MiB`. */
export function mebibytes(pages: number): string {
  return `${((pages * PAGE) / MIB).toFixed(1)} MiB`;
}
