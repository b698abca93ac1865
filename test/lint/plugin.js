// SPDX-License-Identifier: MIT
import names from './names.js';
import walls from './walls.js';

/** ESLint's plugin `house`: the rules of testbed/ that only this project has. */
export default { rules: { names, walls } };
