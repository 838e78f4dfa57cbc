import { isUtf8 } from 'node:buffer';
import { invalidFields, Problem } from './problem.ts';

const deepest = 32;
/** Only an escape can put U+0000 or a lone surrogate into valid UTF-8; keys may be escaped too. */
const suspicious = /\\u|__proto__|constructor/;

/**
 * Parses a JSON body: strict UTF-8, at most 32 levels deep, no U+0000, no lone surrogate, and no key that
 * could reach a prototype. Everything else throws a 400 problem.
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw malformed('the body is not UTF-8');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('the body is not JSON');
  }
  if (suspicious.test(text) || mayBeDeep(text)) checkValue(value);
  return value;
}

/** Counts brackets and ignores strings, so it may report a deep body wrongly but never misses one. */
function mayBeDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    // Below zero: a closing bracket inside a string would cancel an opening one.
    if (depth > deepest || depth < 0) return true;
  }
  return depth !== 0;
}

interface Visit {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/** Iterates instead of recursing, because a deep body must not exhaust the stack. */
function checkValue(root: unknown): void {
  const open: Visit[] = [{ value: root, path: '', depth: 0 }];
  for (let visit = open.pop(); visit; visit = open.pop()) {
    const { value, path, depth } = visit;
    if (typeof value === 'string') checkText(value, path);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= deepest) throw malformed(`the body is nested deeper than ${deepest} levels`);
    for (const [key, inner] of Object.entries(value)) {
      checkKey(key, path);
      open.push({ value: inner, path: `${path}/${pointerPart(key)}`, depth: depth + 1 });
    }
  }
}

function checkKey(key: string, path: string): void {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
    throw invalid(`${path}/${key}`, 'is not a known property');
  }
  checkText(key, path);
}

/** Refuses text that PostgreSQL or UTF-8 cannot represent. */
function checkText(text: string, path: string): void {
  if (text.includes('\u0000')) throw invalid(path, 'holds U+0000');
  if (!text.isWellFormed()) throw invalid(path, 'holds a lone surrogate');
}

/** Escapes a key as a segment of a JSON pointer. */
export const pointerPart = (key: string): string =>
  key.slice(0, 100).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');

const malformed = (detail: string): Problem => new Problem(400, 'malformed_json', detail);

const invalid = (path: string, message: string): Problem =>
  invalidFields('the body', [{ path, message }]);
