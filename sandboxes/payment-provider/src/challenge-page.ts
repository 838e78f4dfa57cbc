import type { FastifyInstance, FastifyReply } from 'fastify';
import { Refused } from './operation.ts';

/** A payment that its customer confirms, and how it was decided. */
export interface Challenge {
  readonly chargeId: string;
  readonly amount: number;
  readonly currency: string;
  readonly decision: 'open' | 'too_late' | boolean;
}

export interface Challenges {
  find(chargeId: string): Challenge | undefined;
  /** The first decision counts. */
  decide(chargeId: string, approved: boolean): Promise<void>;
}

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/** The pages on which customers confirm payments (3-D Secure). They need no API key: the id of the charge is in their address. */
export function serveChallenges(app: FastifyInstance, challenges: Challenges): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
  app.get<{ Params: { id: string } }>('/challenges/:id', (request, reply) => {
    const { id } = request.params;
    return show(reply, found(challenges, id));
  });
  for (const [decision, approved] of [
    ['approve', true],
    ['decline', false],
  ] as const) {
    app.post<{ Params: { id: string } }>(`/challenges/:id/${decision}`, async (request, reply) => {
      const { chargeId } = found(challenges, request.params.id);
      await challenges.decide(chargeId, approved);
      return reply.redirect(`/challenges/${chargeId}`, 303);
    });
  }
}

function found(challenges: Challenges, id: string): Challenge {
  const challenge = challenges.find(id);
  if (challenge) return challenge;
  throw new Refused(404, 'unknown_charge', `there is no payment ${id}`);
}

const show = (reply: FastifyReply, charge: Challenge): FastifyReply =>
  reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('cache-control', 'no-store')
    .send(pageOf(charge));

function pageOf(charge: Challenge): string {
  const { amount, currency } = charge;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Confirm your payment</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem; text-align: center }
  .amount { font-size: 2rem; font-weight: 600; margin: 1rem }
  form { display: inline-block; margin: .5rem }
  button { font: inherit; padding: .6rem 1.6rem; border: 1px solid #767676; border-radius: .4rem; background: #fff; cursor: pointer }
  .approve { background: #0a6b3d; border-color: #0a6b3d; color: #fff }
</style>
<main>
<h1>Confirm your payment</h1>
<p class="amount">${decimal(amount, currency)} ${currency}</p>
${stateOf(charge)}
<p><small>A page of the payment sandbox: no money moves.</small></p>
</main>
</html>
`;
}

/** An amount in minor units, with as many decimals as its currency has: none for JPY. */
function decimal(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return (amount / 10 ** digits).toFixed(digits);
}

function stateOf({ decision, chargeId }: Challenge): string {
  if (decision === true) return '<p role="status">You have approved this payment.</p>';
  if (decision === false) return '<p role="status">You have declined this payment.</p>';
  if (decision === 'too_late') return '<p role="status">This payment is no longer needed.</p>';
  const button = (action: string, label: string) =>
    `<form method="post" action="/challenges/${chargeId}/${action}"><button class="${action}">${label}</button></form>`;
  return `${button('approve', 'Approve')}\n${button('decline', 'Decline')}`;
}
