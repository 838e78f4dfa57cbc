import { timeOfId } from '@waybill/contracts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The order number for people: the day of its id, and twelve characters of the id's random part. */
export function orderNumber(id: string): string {
  const day = new Date(timeOfId(id)).toISOString().slice(2, 10).replaceAll('-', '');
  let random = BigInt(`0x${id.slice(19).replaceAll('-', '')}`);
  let text = '';
  for (let i = 0; i < 12; i += 1) {
    text = alphabet.charAt(Number(random & 31n)) + text;
    random >>= 5n;
  }
  return `W${day}-${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
}
