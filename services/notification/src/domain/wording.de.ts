import type { Language, Told } from './wording.ts';

const reasons: Readonly<Record<string, string>> = {
  out_of_stock: 'ein bestellter Artikel nicht mehr lieferbar ist',
  payment_declined: 'die Zahlung abgelehnt wurde',
  payment_unavailable: 'die Zahlung nicht rechtzeitig möglich war',
  shipping_unavailable: 'kein Versanddienst sie rechtzeitig annehmen konnte',
  shipping_declined: 'kein Versanddienst eine solche Sendung annimmt',
  timed_out: 'sie nicht rechtzeitig abgeschlossen werden konnte',
};

const because = ({ reason }: Told): string => {
  if (reason === null) return '';
  return reasons[reason] ? `, weil ${reasons[reason]}` : ` (${reason})`;
};

export const german: Language = {
  greeting: (name) => (name === '' ? 'Guten Tag,' : `Guten Tag ${name},`),
  total: (amount) => `Gesamt: ${amount}`,
  totalLabel: 'Gesamt',
  digest: {
    subject: (count) => `${count} Nachrichten zu Ihren Bestellungen`,
    opening: 'Das gibt es Neues zu Ihren Bestellungen:',
  },
  wordings: {
    'order-confirmed': {
      subject: ({ number }) => `Ihre Bestellung ${number} ist bestätigt`,
      opening: ({ number }) =>
        `Vielen Dank. Ihre Bestellung ${number} ist bezahlt und wird bald verschickt.`,
    },
    'order-rejected': {
      subject: ({ number }) => `Ihre Bestellung ${number} konnte nicht ausgeführt werden`,
      opening: (told) =>
        `Leider konnte Ihre Bestellung ${told.number} nicht ausgeführt werden${because(told)}. Ihnen wurde nichts berechnet.`,
    },
    'order-cancelled': {
      subject: ({ number }) => `Ihre Bestellung ${number} ist storniert`,
      opening: ({ number }) =>
        `Ihre Bestellung ${number} ist storniert. Was dafür reserviert oder bezahlt war, geben wir zurück.`,
    },
    'order-shipped': {
      subject: ({ number }) => `Ihre Bestellung ${number} ist unterwegs`,
      opening: ({ number }) => `Ihre Bestellung ${number} hat unser Lager verlassen.`,
    },
    'order-delivered': {
      subject: ({ number }) => `Ihre Bestellung ${number} ist angekommen`,
      opening: ({ number }) =>
        `Ihre Bestellung ${number} wurde zugestellt. Wir hoffen, dass sie Ihnen gefällt.`,
    },
    'order-returning': {
      subject: ({ number }) => `Ihre Rücksendung zur Bestellung ${number} ist genehmigt`,
      opening: ({ number }) =>
        `Sie können uns dies aus Ihrer Bestellung ${number} zurückschicken. Wir erstatten es, sobald es bei uns ist.`,
    },
    'order-refunded': {
      subject: ({ number }) => `Ihre Rücksendung zur Bestellung ${number} ist erstattet`,
      opening: ({ number, refunded }) =>
        `Wir haben dies aus Ihrer Bestellung ${number} erhalten${refunded ? ` und ${refunded} erstattet` : ''}.`,
    },
    'thank-you': {
      subject: ({ number }) => `Danke für Ihre Bestellung ${number}`,
      opening: ({ number }) =>
        `Ihre Bestellung ${number} ist schon eine Weile bei Ihnen. Wir hoffen, Sie haben Freude daran, und danken für Ihren Einkauf.`,
    },
    welcome: {
      subject: () => 'Willkommen bei Waybill',
      opening: () =>
        'Ihr Konto ist eingerichtet. Dort sehen Sie Ihre Bestellungen und wählen, welche E-Mails Sie bekommen.',
    },
  },
};
