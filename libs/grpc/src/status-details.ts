import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { definitionOfFile } from './definitions.ts';
import type { FieldViolation, Refusal } from './refusal.ts';
import { statusCodes } from './status.ts';

/** The trailer that carries a `google.rpc.Status`. */
export const detailsTrailer = 'grpc-status-details-bin';

const domain = 'waybill';
const typePrefix = 'type.googleapis.com/';

/** The details of a failed call. */
export interface ReadDetails {
  readonly reason: string | null;
  readonly about: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
}

interface Any {
  readonly type_url: string;
  readonly value: Uint8Array;
}
type Message = MessageTypeDefinition<object, unknown>;

const types = {
  ...definitionOfFile('google/rpc/status.proto'),
  ...definitionOfFile('google/rpc/error_details.proto'),
} as Record<string, unknown>;
const typeOf = (name: string): Message => types[name] as Message;

const pack = (name: string, value: object): Any => ({
  type_url: `${typePrefix}${name}`,
  value: typeOf(name).serialize(value),
});

/** The bytes of the trailer, or null when the refusal has no details beyond its status and text. */
export function writeDetails({
  status,
  message,
  reason,
  about,
  violations,
}: Refusal): Buffer | null {
  const details: Any[] = [];
  if (reason) {
    const info = { reason: reason.toUpperCase(), domain, metadata: about };
    details.push(pack('google.rpc.ErrorInfo', info));
  }
  if (violations.length > 0) {
    details.push(pack('google.rpc.BadRequest', { fieldViolations: violations }));
  }
  if (details.length === 0) return null;
  return typeOf('google.rpc.Status').serialize({ code: statusCodes[status], message, details });
}

/** Reads the trailer; a trailer that cannot be decoded counts as empty. */
export function readDetails(bytes: Buffer | undefined): ReadDetails {
  const read = { reason: null as string | null, about: {}, violations: [] as FieldViolation[] };
  if (!bytes) return read;
  try {
    const { details } = typeOf('google.rpc.Status').deserialize(bytes) as { details: Any[] };
    for (const { type_url, value } of details) {
      const name = type_url.slice(typePrefix.length);
      if (!(name in types)) continue;
      const found = typeOf(name).deserialize(Buffer.from(value)) as Record<string, unknown>;
      if (name === 'google.rpc.ErrorInfo') {
        read.reason = String(found['reason']).toLowerCase();
        read.about = found['metadata'] as Record<string, string>;
      }
      if (name === 'google.rpc.BadRequest') {
        read.violations = found['fieldViolations'] as FieldViolation[];
      }
    }
  } catch {
    return { reason: null, about: {}, violations: [] };
  }
  return read;
}
