// SPDX-License-Identifier: MIT

/**
 * A path pattern as a regular expression: `*` and `?` stay within a path component, `**` does not; everything
 * else stands for itself.
 */
export function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*\*|[*?]|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}

/** Whether a path matches one of several patterns. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(globExpression);
  return (path) => expressions.some((expression) => expression.test(path));
}
