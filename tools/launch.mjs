/**
 * Every program of `dist` calls this: it runs the program's part of the bundle, with the V8 code cache of an earlier
 * start (ADR 12). Copied into `dist` unchanged; needs nothing but Node.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** Milliseconds, after which a program has run all code that only its start needs, also on a busy machine. */
const keepAfter = 10_000;

/**
 * Runs `program` from `file`, whose name contains a hash of its content. The code cache is kept in `compiled` beside the
 * file, where that is writable; without a valid cache the program only starts slower.
 */
export function launch(program, file, { after = keepAfter } = {}) {
  const folder = join(dirname(file), 'compiled');
  const version = cachedDataVersionTag();
  const kept = join(folder, `${program}-${/([^-]+)\.cjs$/.exec(file)[1]}-${version}`);
  const cachedData = read(kept);
  // The file is ASCII only; as latin1, V8 holds it in half the memory.
  const text = readFileSync(file, 'latin1');
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) { ${text}\n})`,
    { filename: file, ...(cachedData ? { cachedData } : {}) },
  );
  if (!cachedData || script.cachedDataRejected) keepLater();
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  const run = module.exports[program];
  if (!run)
    throw new Error(`${file} is damaged, it has no ${program}: npm run build makes it again`);
  return run();

  function keepLater() {
    setTimeout(() => {
      // If V8 flags have changed since, the cache would belong to the new ones, and the next start would reject it.
      if (cachedDataVersionTag() === version) void keep(kept, script.createCachedData());
    }, after).unref();
  }
}

/** A CRC before the cache: V8 checks only its length and version, and would run damaged code. */
const sumBytes = 4;

function read(path) {
  try {
    const found = readFileSync(path);
    const data = found.subarray(sumBytes);
    return crc32(data) === found.readUInt32LE() ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Written atomically, also when this process is killed or the power fails. */
async function keep(path, data) {
  const unfinished = `${path}.${randomUUID()}`;
  const sum = Buffer.alloc(sumBytes);
  sum.writeUInt32LE(crc32(data));
  try {
    await mkdir(dirname(path), { recursive: true });
    const opened = await open(unfinished, 'wx');
    try {
      await opened.writev([sum, data]);
      await opened.sync();
    } finally {
      await opened.close();
    }
    await rename(unfinished, path);
  } catch {
    // The folder is not writable or the disk is full: the next start compiles again.
    await rm(unfinished, { force: true }).catch(() => undefined);
  }
}
