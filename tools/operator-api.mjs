/**
 * The API of a running system as an operator, for commands: signs in, and turns refusals into one line. Plain Node, no dependency.
 * `WAYBILL_URL`, `WAYBILL_TOKEN`, `WAYBILL_EMAIL` and `WAYBILL_PASSWORD` say where and as whom.
 */
import process from 'node:process';
import { runningSystem } from './running-system.mjs';

/** A one-line error about the command line or the response. */
export class Refused extends Error {}

/** Runs the command; an error is shown in one line, and sets the exit code: 2 for the command line, else 1. */
export async function runCommand(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Refused || isUsage(error) ? error.message : String(error));
    process.exitCode = isUsage(error) ? 2 : 1;
  }
}

/** The JSON that a route below /api/v1 answers; throws `Refused` for a problem. */
export async function answerFrom(url, method, path, body) {
  const response = await requestTo(url, method, path, body);
  const answer = answerOf(await response.text());
  if (response.status < 300) return answer;
  throw refusalOf(response.status, answer);
}

/** The response of a route below /api/v1. `url` replaces the system that runs on this machine. */
export async function requestTo(url, method, path, body) {
  const origin = url ?? process.env.WAYBILL_URL ?? runningSystem()?.url ?? 'http://127.0.0.1:8080';
  const token = process.env.WAYBILL_TOKEN ?? (await signIn(origin));
  return call(origin, method, `/api/v1${path}`, body, token);
}

/** The error of a response that refuses; `answer` is its problem. */
export function refusalOf(status, answer) {
  const wrong = (answer?.errors ?? []).map((each) => `\n  ${each.path}: ${each.message}`).join('');
  return new Refused(`${status} ${answer?.detail ?? answer?.title ?? 'no answer'}${wrong}`);
}

/** The JSON of a body; undefined for an empty one. */
export function answerOf(text) {
  return text === '' ? undefined : JSON.parse(text);
}

async function signIn(origin) {
  const response = await call(origin, 'POST', '/api/v1/auth/token', {
    email: process.env.WAYBILL_EMAIL ?? 'ops@example.com',
    password: process.env.WAYBILL_PASSWORD ?? 'waybill',
  });
  const answer = answerOf(await response.text());
  if (response.status === 200) return answer.accessToken;
  throw new Refused(`cannot sign in at ${origin}: ${response.status} ${answer?.detail ?? ''}`);
}

async function call(origin, method, path, body, token) {
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return fetch(new URL(path, origin), init).catch((error) => {
    throw new Refused(`no answer from ${origin}: ${error.cause?.message ?? error.message}`);
  });
}

function isUsage(error) {
  return String(error?.code ?? '').startsWith('ERR_PARSE_ARGS');
}
