// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';

/** A file of images/ that does not say something sensible; `problems` has one line each. */
export class ImageDeclarationError extends TestbedError {
  readonly code = 'E_IMAGE_DECLARATION';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(file: string, problems: readonly string[]) {
    super(`${file} declares no image: ${problems.join('; ')}`, {
      nextStep: 'Mend the file; images/image.schema.json describes it, and editors understand that.',
      excerpt: problems,
    });
  }
}

/** Two things that want the same path. */
export class ImageConflictError extends TestbedError {
  readonly code = 'E_IMAGE_CONFLICT';
  readonly exitCode = ExitCode.Build;

  constructor(path: string, there: string, wanted: string) {
    super(`/${path} of a guest image is a ${there} already and cannot become a ${wanted}`, {
      nextStep: 'Leave one of the two out in images/.',
    });
  }
}

/** Something declared that does not exist: a file, a member of a package. */
export class ImageInputError extends TestbedError {
  readonly code = 'E_IMAGE_INPUT';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(what: string, nextStep = 'Mend the declaration in images/.') {
    super(what, { nextStep });
  }
}

/** A program whose shared libraries are not to be had. */
export class LibraryMissingError extends TestbedError {
  readonly code = 'E_LIBRARY_MISSING';
  readonly exitCode = ExitCode.Build;

  constructor(program: string, library: string) {
    super(`/${program} needs ${library}, which no package of the image has`, {
      nextStep: 'Add the package that has it to images/.',
    });
  }
}

/** A guest's program that does not compile: the first error, not the last page. */
export class ProgramBuildError extends TestbedError {
  readonly code = 'E_PROGRAM_BUILD';
  readonly exitCode = ExitCode.Build;

  constructor(program: string, firstError: string, detail: Partial<ErrorDetail>) {
    super(`guests/${program} does not build: ${firstError}`, {
      nextStep: `Mend it; make -C guests/${program} shows the whole output.`,
      ...detail,
    });
  }
}

/** A root file system that does not fit, or that its tools could not write. */
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
