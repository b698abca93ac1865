// SPDX-License-Identifier: MIT
import { readdirSync } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** Every folder has its errors in a file of this name. */
const ERRORS = 'errors.ts';

/** Its files are called after commands. */
const COMMANDS = 'testbed/cli/commands';

/**
 * No two modules of testbed/ have one name: a name says what a module is about, wherever it is imported. Exempt are
 * errors.ts, which each folder may have, and the files of cli/commands/.
 * @type {import('eslint').Rule.RuleModule}
 */
const names = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      twin: '{{file}} and {{twin}} have one name. Call each after what only it is about, or make them one module.',
    },
  },
  create(context) {
    const file = relative(PROJECT, context.filename).split(sep).join('/');
    if (isExempt(file)) return {};
    const twin = modules().find((other) => other !== file && basename(other) === basename(file));
    if (twin === undefined) return {};
    return {
      Program: (node) => {
        context.report({ node, messageId: 'twin', data: { file, twin } });
      },
    };
  },
};

/** @type {readonly string[] | undefined} */
let known;

/** Paths of all modules that the rule is about, from the project's root; read once. */
function modules() {
  known ??= readdirSync(`${PROJECT}testbed`, { recursive: true, encoding: 'utf8' })
    .map((path) => `testbed/${path.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.ts') && !isExempt(path));
  return known;
}

/** @param {string} path */
function isExempt(path) {
  return basename(path) === ERRORS || dirname(path) === COMMANDS;
}

export default names;
