// SPDX-License-Identifier: MIT
/*
 * Copies the programs of docs/examples/ into docs/api.md. With --check it changes nothing, and fails when the page shows
 * something else than they say, or not all of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { keepParts } from './made-part.js';

const EXAMPLES = new URL('../../docs/examples/', import.meta.url);

const LANGUAGES = /** @type {Readonly<Record<string, string>>} */ ({ ts: 'ts', json: 'json' });

/** @param {string} name */
function shown(name) {
  const lines = readFileSync(new URL(name, EXAMPLES), 'utf8').trimEnd().split('\n');
  const text = lines.filter((line) => !line.startsWith('// SPDX-License-Identifier')).join('\n');
  return {
    begin: `<!-- docs/examples/${name}, copied by \`npm run format\`: begin -->`,
    end: `<!-- docs/examples/${name}: end -->`,
    text: `\`\`\`${LANGUAGES[name.split('.').at(-1) ?? ''] ?? ''}\n${text}\n\`\`\``,
  };
}

keepParts('docs/api.md', readdirSync(EXAMPLES).sort().map(shown));
