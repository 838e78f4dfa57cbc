import { Injectable } from '@nestjs/common';
import { type Address, mask, maskedEmail } from '@waybill/contracts';
import { FieldCipher, SubjectErased } from '@waybill/encryption';
import { type Caller, Problem, seesPersonalData, type Wish } from '@waybill/http';
import { countryOf } from '../domain/destination.ts';
import { countryName, type Invoice, linesOf } from '../domain/invoice.ts';
import type { OrderContent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import type { AcceptOrderData } from '../messages/order.local.ts';
import { addressOf, type OrderView, type Personal } from '../messages/order.view.ts';
import type { PlaceOrderBody } from './orders.schema.ts';

/** Replaces what was erased. */
const erased = 'erased';

/** The personal data of orders at the edge: encrypted where they come in, and shown to whoever may see them. */
@Injectable()
export class PersonalOrders {
  constructor(private readonly cipher: FieldCipher) {}

  /** The personal part of a new order. Rejects with 403 for a customer who was erased, and with 503 without the key. */
  async encrypted(
    { id, name, email }: Caller,
    {
      shippingAddress,
      payment,
      note,
    }: Pick<PlaceOrderBody, 'shippingAddress' | 'payment' | 'note'>,
  ): Promise<
    Pick<AcceptOrderData, 'customer' | 'shippingAddress' | 'country' | 'payment' | 'note'>
  > {
    const encrypt = await this.cipher.encryptFor(id).catch(refuseErased);
    return {
      // Empty where a token does not name them, which e-mails need to know.
      customer: { id, name: name && encrypt(name), email: email && encrypt(email) },
      shippingAddress: encrypt(shippingAddress),
      country: shippingAddress.country,
      payment: 'token' in payment ? { ...payment, token: encrypt(payment.token) } : payment,
      note: note == null ? null : encrypt(note),
    };
  }

  /** Address and note of an order as a caller may see them. */
  async of(
    { content, customerId }: Pick<Order, 'content' | 'customerId'>,
    wish: Wish,
  ): Promise<Personal> {
    if (!seesPersonalData(wish, customerId))
      return { shippingAddress: maskedAddress(countryOf(content)), note: content.note && mask };
    const [address, note] = await Promise.all([
      this.cipher.decrypt(content.shippingAddress),
      this.cipher.decrypt(content.note),
    ]);
    return { shippingAddress: address ?? erasedAddress(countryOf(content)), note: note ?? null };
  }

  /** The content of an order as a caller may see it. */
  async content(order: Order, wish: Wish): Promise<OrderContent> {
    const { content } = order;
    const [personal, name, email] = await Promise.all([
      this.of(order, wish),
      this.cipher.decrypt(content.customerName),
      this.cipher.decrypt(content.customerEmail),
    ]);
    const plain = seesPersonalData(wish, order.customerId);
    return {
      ...content,
      ...personal,
      customerName: name === undefined ? erased : plain ? name : mask,
      customerEmail: email === undefined ? erased : plain ? email : maskedEmail(email),
    };
  }

  /** The buyer of a document as a caller may see it, line by line. */
  async buyer({ buyer }: Invoice, customerId: string, wish: Wish): Promise<readonly string[]> {
    const plain = seesPersonalData(wish, customerId);
    if ('lines' in buyer) return plain ? buyer.lines : [mask];
    const country = countryName(buyer.country);
    if (!plain) return [mask, country];
    const address = await this.cipher.decrypt(buyer.address);
    return address ? linesOf(address) : [erased, country];
  }

  /** The bytes of a response to a customer whose order was accepted, now or with the same key before. */
  async opened(body: string): Promise<string> {
    const view = JSON.parse(body) as OrderView;
    const [shippingAddress, note] = await Promise.all([
      this.cipher.decrypt(view.shippingAddress),
      this.cipher.decrypt(view.note),
    ]);
    const address = shippingAddress && addressOf(shippingAddress);
    return JSON.stringify({ ...view, shippingAddress: address ?? null, note: note ?? null });
  }
}

function refuseErased(error: unknown): never {
  if (!(error instanceof SubjectErased)) throw error;
  throw new Problem(403, 'customer_inactive', 'this customer was erased', { cause: error });
}

const addressWith = (text: string, country: string): Address => ({
  name: text,
  line1: text,
  line2: null,
  city: text,
  postalCode: text,
  country,
});
const maskedAddress = (country: string): Address => addressWith(mask, country);
const erasedAddress = (country: string): Address => addressWith(erased, country);
