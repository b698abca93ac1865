// SPDX-License-Identifier: MIT
import { type ErrorRecord, InternalError, TestbedError } from './testbed-error.js';
import { fileSystemRefusal } from './unusable-path.js';

/**
 * Any thrown value as a record. What a file system has refused is told as that. Whatever else is not a
 * {@link TestbedError} becomes an {@link InternalError}.
 */
export function toErrorRecord(thrown: unknown): ErrorRecord {
  const error =
    thrown instanceof TestbedError ? thrown : (fileSystemRefusal(thrown) ?? new InternalError(thrown));
  return {
    code: error.code,
    exitCode: error.exitCode,
    message: error.message,
    nextStep: error.nextStep,
    excerpt: error.excerpt,
    ...(error.log === undefined ? {} : { log: error.log }),
  };
}
