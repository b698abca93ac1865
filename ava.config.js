// SPDX-License-Identifier: MIT
export default {
  files: ['dist/test/**/*.test.js'],
  failFast: false,
  timeout: '10m',
  workerThreads: false,
  environmentVariables: { NO_COLOR: '1' },
};
