// SPDX-License-Identifier: MIT
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';
import house from './test/lint/plugin.js';

export default tseslint.config(
  // What is made from schemas is as its generator writes it.
  { ignores: ['dist/', 'node_modules/', 'results/', '**/*.schema.ts'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // What is held only for its disposal at the end of the block has a name that begins with _.
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  // What a program prints is its own affair.
  { files: ['docs/examples/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['testbed/**/*.ts'],
    plugins: { house },
    rules: { 'house/walls': 'error', 'house/names': 'error' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    ignores: ['testbed/cli/browser/page/'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['testbed/cli/browser/page/*.js'],
    languageOptions: {
      globals: {
        customElements: 'readonly',
        document: 'readonly',
        EventSource: 'readonly',
        getComputedStyle: 'readonly',
        HTMLElement: 'readonly',
      },
    },
  },
);
