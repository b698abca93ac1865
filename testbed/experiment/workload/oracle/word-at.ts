// SPDX-License-Identifier: MIT

/** @throws RangeError where there is no such word, which is a mistake in this program */
export function wordAt(words: Uint32Array, index: number): number {
  const word = words[index];
  if (word === undefined) throw new RangeError(`no word ${index} of ${words.length}`);
  return word;
}
