import type { Language, Told } from './wording.ts';

const reasons: Readonly<Record<string, string>> = {
  out_of_stock: 'something you ordered is out of stock',
  payment_declined: 'the payment was declined',
  payment_unavailable: 'the payment could not be made in time',
  shipping_unavailable: 'no carrier could take it in time',
  shipping_declined: 'no carrier takes such a parcel',
  timed_out: 'it could not be completed in time',
};

const because = ({ reason }: Told): string =>
  reason === null ? '' : `, because ${reasons[reason] ?? reason}`;

export const english: Language = {
  greeting: (name) => (name === '' ? 'Hello,' : `Hello ${name},`),
  total: (amount) => `Total: ${amount}`,
  totalLabel: 'Total',
  digest: {
    subject: (count) => `${count} messages about your orders`,
    opening: 'This is what happened with your orders:',
  },
  wordings: {
    'order-confirmed': {
      subject: ({ number }) => `Your order ${number} is confirmed`,
      opening: ({ number }) => `Thank you. Your order ${number} is paid and will be shipped soon.`,
    },
    'order-rejected': {
      subject: ({ number }) => `Your order ${number} could not be completed`,
      opening: (told) =>
        `We are sorry: your order ${told.number} could not be completed${because(told)}. You have not been charged.`,
    },
    'order-cancelled': {
      subject: ({ number }) => `Your order ${number} is cancelled`,
      opening: ({ number }) =>
        `Your order ${number} is cancelled. What was reserved or paid for it is given back.`,
    },
    'order-shipped': {
      subject: ({ number }) => `Your order ${number} is on its way`,
      opening: ({ number }) => `Your order ${number} has left our warehouse.`,
    },
    'order-delivered': {
      subject: ({ number }) => `Your order ${number} has arrived`,
      opening: ({ number }) => `Your order ${number} was delivered. We hope you like it.`,
    },
    'order-returning': {
      subject: ({ number }) => `Your return of order ${number} is authorized`,
      opening: ({ number }) =>
        `You can send this back to us from your order ${number}. It is refunded when we have received it.`,
    },
    'order-refunded': {
      subject: ({ number }) => `Your return of order ${number} is refunded`,
      opening: ({ number, refunded }) =>
        `We have received this from your order ${number}${refunded ? ` and refunded ${refunded}` : ''}.`,
    },
    'thank-you': {
      subject: ({ number }) => `Thank you for your order ${number}`,
      opening: ({ number }) =>
        `Your order ${number} arrived a while ago. We hope that you enjoy it, and thank you for shopping with us.`,
    },
    welcome: {
      subject: () => 'Welcome to Waybill',
      opening: () =>
        'Your account is ready. You can see your orders there, and choose which e-mails you get.',
    },
  },
};
