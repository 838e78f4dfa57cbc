import process from 'node:process';

const { WEBHOOK_SECRET, PORT = '3000' } = process.env;
if (!WEBHOOK_SECRET)
  throw new Error('WEBHOOK_SECRET is the secret that was shown when the webhook was made');

export const secret = WEBHOOK_SECRET;
export const port = Number(PORT);
