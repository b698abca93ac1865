// SPDX-License-Identifier: MIT

/**
 * The candidate that was most likely meant by a mistyped word; undefined when none is near. Near is a beginning of at
 * least three letters, or at most one typing mistake for every three letters.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const begun = candidates.filter((candidate) => candidate.toLowerCase().startsWith(wanted));
  if (wanted.length >= 3 && begun.length === 1) return begun[0];
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3));
  for (const candidate of candidates) {
    const mistakes = typingMistakes(wanted, candidate.toLowerCase());
    if (mistakes > fewest || (mistakes === fewest && best !== undefined)) continue;
    best = candidate;
    fewest = mistakes;
  }
  return best;
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to make one word of the other: the
 * optimal-string-alignment distance (a Damerau-Levenshtein distance that edits no substring twice).
 */
export function typingMistakes(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, column - 2) + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
