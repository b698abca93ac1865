// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { projectRoot } from '../../testbed/base/host/paths.js';

/**
 * What one of the project's own rules says of a file with this text. The file need not exist: rules that would have to
 * find it are left out.
 * @param path from testbed/
 */
export async function complaintsOf(
  rule: `house/${string}`,
  path: string,
  text: string,
): Promise<readonly Linter.LintMessage[]> {
  const { default: house } = (await import(join(projectRoot(), 'test', 'lint', 'plugin.js'))) as {
    default: ESLint.Plugin;
  };
  const eslint = new ESLint({
    cwd: projectRoot(),
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      plugins: { house },
      rules: { [rule]: 'error' },
    },
  });
  const [result] = await eslint.lintText(text, { filePath: join(projectRoot(), 'testbed', path) });
  return result?.messages ?? [];
}
