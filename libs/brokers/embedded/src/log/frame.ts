import { crc32 } from 'node:zlib';

/** Bytes of length and checksum before the payload. */
const head = 8;

/** A payload with what shows whether it was written completely. */
export function frameOf(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(head + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt32LE(crc32(payload), 4);
  payload.copy(frame, head);
  return frame;
}

/** The payloads in the bytes of a file, each with its end, up to the first that is not complete. */
export function* payloadsIn(
  bytes: Buffer,
): Generator<{ readonly payload: Buffer; readonly end: number }> {
  let at = 0;
  while (at + head <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const end = at + head + length;
    // A power cut may leave zeros, whose checksum is right.
    if (length === 0 || end > bytes.length) return;
    const payload = bytes.subarray(at + head, end);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) return;
    yield { payload, end };
    at = end;
  }
}
