// SPDX-License-Identifier: MIT
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folders } from './house.js';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const TABLE = 'testbed/house.json';

const WAYS_OUT = {
  wing: 'Move what both need into a wing above, take it as an argument, or join the two in a wing below.',
  folder:
    'Move what both need into a folder above, take it as an argument, or change the order in the table.',
};

/**
 * A folder of testbed/ imports only from folders that stand above it in testbed/house.json. Since that is one order for
 * all, no cycle among folders is possible. Type imports count: they say what a reader has to know.
 * @type {import('eslint').Rule.RuleModule}
 */
const walls = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      wing: '{{from}} imports {{to}}, through the wall of {{wing}}: the wing {{target}} stands below. {{wayOut}}',
      folder: '{{from}} imports {{to}}, which stands below it in the wing {{wing}}. {{wayOut}}',
      outside: `{{from}} imports {{to}}: what runs may not need what tests it. Move it into testbed/.`,
      unknown: `testbed/{{folder}} has no place. Give it a line in ${TABLE}: below what it imports, above what imports it.`,
    },
  },
  create(context) {
    const file = relative(PROJECT, context.filename);
    const from = folderOf(file);
    if (from === undefined) return {};
    const place = placeOf(from);
    if (place === -1) {
      return {
        Program: (node) => {
          context.report({ node, messageId: 'unknown', data: { folder: from } });
        },
      };
    }
    const check = (/** @type {any} */ node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const target = join(dirname(file), specifier);
      const to = folderOf(target);
      if (to === undefined) {
        if (target.startsWith(`test${sep}`))
          context.report({ node, messageId: 'outside', data: { from, to: target } });
        return;
      }
      const targetPlace = placeOf(to);
      if (targetPlace === -1) context.report({ node, messageId: 'unknown', data: { folder: to } });
      else if (targetPlace > place) context.report({ node, ...complaint(place, targetPlace) });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

/** @param {number} from @param {number} to places in the table */
function complaint(from, to) {
  const own = folders[from];
  const target = folders[to];
  const messageId = own.wing === target.wing ? 'folder' : 'wing';
  const wayOut = WAYS_OUT[messageId];
  return {
    messageId,
    data: { from: own.name, to: target.name, wing: own.wing, target: target.wing, wayOut },
  };
}

/** @param {string} path from the project's root */
function folderOf(path) {
  const [top, ...rest] = dirname(path).split(sep);
  return top === 'testbed' && rest.length > 0 ? rest.join('/') : undefined;
}

/** @param {string} folder */
function placeOf(folder) {
  return folders.findIndex(({ name }) => name === folder);
}

export default walls;
