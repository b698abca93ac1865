// SPDX-License-Identifier: MIT

/** The files of a patch that become code; what it says to Kconfig and make is left out, and so are new files. */
const CODE = /^\+\+\+ \S+\.[chS]$/m;

/**
 * A patch that moves the lines of a source file as another one does, and changes nothing else: every line that is added, beyond
 * those that are replaced, is empty. WARN and BUG put the numbers of their lines into the code, so that two kernels can only
 * be compared byte for byte when the lines of both have the same numbers.
 * @param patch unified diff
 * @returns unified diff of the same hunks
 * @throws Error when a hunk removes more lines than it adds
 */
export function onlyEmptyLines(patch: string): string {
  const files = patch.split(/^(?=--- )/m);
  return files
    .filter((file) => file.startsWith('--- a/') && CODE.test(file))
    .map(emptied)
    .join('');
}

function emptied(file: string): string {
  const [header = '', ...hunks] = withoutNextHeader(file).split(/^(?=@@ )/m);
  return header + hunks.map(emptiedHunk).join('');
}

/** What git writes between two files: it would be taken for context. */
function withoutNextHeader(file: string): string {
  return file.replace(/^diff --git [^]*/m, '');
}

/** Lines that go become context; of those that come, as many as are more than those become empty lines behind them. */
function emptiedHunk(hunk: string): string {
  const [header = '', ...lines] = hunk.replace(/\n$/, '').split('\n');
  const kept: string[] = [];
  let gone = 0;
  let come: string[] = [];
  const settle = (): void => {
    if (come.length < gone) throw new Error(`more lines go than come: ${header}`);
    kept.push(...come.slice(gone).map(empty));
    gone = 0;
    come = [];
  };
  for (const line of lines) {
    if (line.startsWith('+')) {
      come.push(line);
      continue;
    }
    if (line.startsWith('-')) {
      gone += 1;
      kept.push(` ${line.slice(1)}`);
      continue;
    }
    settle();
    kept.push(line);
  }
  settle();
  return [header, ...kept, ''].join('\n');
}

/** A macro goes on behind it when it did behind the line that it stands for. */
function empty(line: string): string {
  return line.endsWith('\\') ? '+ \\' : '+';
}
