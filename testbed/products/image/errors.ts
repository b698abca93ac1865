// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';

/** A file of images/ that is not a valid declaration. `problems` has one line for each problem. */
export class ImageDeclarationError extends TestbedError {
  readonly code = 'E_IMAGE_DECLARATION';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(file: string, problems: readonly string[]) {
    super(`${file} declares no image: ${problems.join('; ')}`, {
      nextStep: 'Correct the file. images/image.schema.json describes its format; many editors can use it.',
      excerpt: problems,
    });
  }
}

/** Two things with the same path. */
export class ImageConflictError extends TestbedError {
  readonly code = 'E_IMAGE_CONFLICT';
  readonly exitCode = ExitCode.Build;

  constructor(path: string, there: string, wanted: string) {
    super(`/${path} of a guest image is a ${there} already and cannot become a ${wanted}`, {
      nextStep: 'Leave one of the two out in images/.',
    });
  }
}

/** A declaration names something that does not exist, such as a file or a member of a package. */
export class ImageInputError extends TestbedError {
  readonly code = 'E_IMAGE_INPUT';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(what: string, nextStep = 'Correct the declaration in images/.') {
    super(what, { nextStep });
  }
}

/** A program needs a shared library that no package of the image has. */
export class LibraryMissingError extends TestbedError {
  readonly code = 'E_LIBRARY_MISSING';
  readonly exitCode = ExitCode.Build;

  constructor(program: string, library: string) {
    super(`/${program} needs ${library}, which no package of the image has`, {
      nextStep: 'Add the package that has it to images/.',
    });
  }
}

/** A guest's program does not compile. The message has the first error, not the last. */
export class ProgramBuildError extends TestbedError {
  readonly code = 'E_PROGRAM_BUILD';
  readonly exitCode = ExitCode.Build;

  constructor(program: string, firstError: string, detail: Partial<ErrorDetail>) {
    super(`guests/${program} does not build: ${firstError}`, {
      nextStep: `Correct it. make -C guests/${program} shows the whole output.`,
      ...detail,
    });
  }
}

/** A root file system does not fit, or the tools could not write it. */
export class ImageWriteError extends TestbedError {
  readonly code = 'E_IMAGE_WRITE';
  readonly exitCode = ExitCode.Build;

  constructor(what: string, detail: Partial<ErrorDetail> = {}) {
    super(what, {
      nextStep: 'Look at the lines above; a larger `megabytes` in images/ makes room.',
      ...detail,
    });
  }
}
