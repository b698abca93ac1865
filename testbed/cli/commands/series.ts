// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { CORE } from '../../products/kernel/series/core.js';
import { discardSeriesEdits, exportSeries } from '../../products/kernel/series/export-series.js';
import { sourceFolder } from '../../products/kernel/source-folder.js';
import { editLines } from '../../products/kernel/series/source-tree.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';

/** `testbed series path|export|discard LINE` */
export const series: CommandBody = async (invocation, { context, output }) => {
  const [what = '', line = ''] = invocation.positionals;
  switch (what) {
    case 'path':
      output.line(await sourceFolder(context, line));
      return ExitCode.Ok;
    case 'export': {
      const changes = await exportSeries(context, line);
      if (output.json) output.object(changes);
      else {
        for (const path of changes.core) output.line(`changed  ${CORE}/${path}`);
        for (const name of changes.written) output.line(`written  ${name}`);
        for (const name of changes.removed) output.line(`removed  ${name}`);
        output.remark(`${changes.unchanged.length} patches are as they were`);
      }
      return ExitCode.Ok;
    }
    case 'discard': {
      const edits = await discardSeriesEdits(context, line);
      for (const text of edits === undefined ? [] : editLines(edits)) output.remark(`discarded ${text}`);
      if (edits === undefined) output.remark('the tree had no edits');
      return ExitCode.Ok;
    }
    default:
      throw new UsageError(`series knows path, export and discard, not ${what}`, 'npx testbed series --help');
  }
};
