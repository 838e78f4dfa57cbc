import type { ServerMessageOf } from '@waybill/contracts/socket';
import { problemOf } from '@waybill/http';

/** What a client is told when its message is refused; `refused` is the type of the message. */
export function errorMessage(error: unknown, refused?: string): ServerMessageOf<'error'> {
  const { code, detail, errors } = problemOf(error);
  return {
    type: 'error',
    code,
    message: detail,
    ...(refused === undefined ? {} : { refused }),
    ...(errors ? { errors: [...errors] } : {}),
  };
}
