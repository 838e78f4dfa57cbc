/**
 * What a program of `dist` begins with: runs its part of the one file that holds all, with what V8 compiled of it at an
 * earlier start (ADR 12). Copied into `dist` as it is, and needs nothing but Node.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** By then a program has run all that only its start needs, also on a busy machine. Milliseconds. */
const keepAfter = 10_000;

/**
 * Runs `program` out of `file`, whose name changes with what is in it. Compiled code is found and kept in `compiled`
 * beside the file, where that can be written; without it, or when it is of no use, the program only starts slower.
 */
export function launch(program, file, { after = keepAfter } = {}) {
  const folder = join(dirname(file), 'compiled');
  const version = cachedDataVersionTag();
  const kept = join(folder, `${program}-${/([^-]+)\.cjs$/.exec(file)[1]}-${version}`);
  const cachedData = read(kept);
  // Bytes are characters: the file has none beyond ASCII, and V8 holds such text in half the memory.
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
      // Flags that were set meanwhile belong to what V8 would make now, and the next start would refuse it.
      if (cachedDataVersionTag() === version) void keep(kept, script.createCachedData());
    }, after).unref();
  }
}

/** V8 looks at the length of what it is given and at its own version, and runs whatever else it finds there. */
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

/** Whole or not at all, also when this process is killed or the power fails. */
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
    // A folder that is not ours to write, or a full disk: the next start compiles again.
    await rm(unfinished, { force: true }).catch(() => undefined);
  }
}
