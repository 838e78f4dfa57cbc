import { destinations, homeCountry } from '@waybill/contracts/destinations';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { user } from '../lib/session.ts';
import { report } from './activity.ts';
import { cards, checkoutTrouble, isPlacing, placeOrder } from './checkout.ts';

const names = new Intl.DisplayNames('en', { type: 'region' });
const countries = destinations
  .map((code) => ({ code, name: names.of(code) ?? code }))
  .sort((a, b) => a.name.localeCompare(b.name, 'en'));

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const form = new FormData(event.currentTarget as HTMLFormElement);
  const id = await placeOrder(form);
  if (id) location.assign(`/orders/${id}`);
}

export function CheckoutForm(): JSX.Element {
  useEffect(() => report('checkout_started'), []);
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h2>Check out</h2>
      <fieldset>
        <legend>Address</legend>
        <Field name="name" label="Name" autocomplete="name" value={user.value?.name ?? ''} />
        <Field name="line1" label="Street and number" autocomplete="address-line1" />
        <Field name="line2" label="Addition (optional)" autocomplete="address-line2" optional />
        <div class="row">
          <Field name="postalCode" label="Postal code" autocomplete="postal-code" />
          <Field name="city" label="City" autocomplete="address-level2" />
        </div>
        <label>
          Country
          <select name="country" autocomplete="country">
            {countries.map(({ code, name }) => (
              <option key={code} value={code} selected={code === homeCountry}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </fieldset>
      <fieldset>
        <legend>Shipping</legend>
        <Choice group="shippingMethod" value="standard" isFirst name="Standard" />
        <Choice group="shippingMethod" value="express" name="Express" />
      </fieldset>
      <fieldset>
        <legend>Test card</legend>
        <p class="quiet">No money moves: each card shows what can happen with a real one.</p>
        {cards.map(([token, name, what], at) => (
          <Choice
            key={token}
            group="card"
            value={token}
            isFirst={at === 0}
            name={name}
            about={what}
          />
        ))}
      </fieldset>
      <Field name="voucherCode" label="Voucher (optional)" autocomplete="off" optional />
      <p class="trouble" role="alert">
        {checkoutTrouble.value}
      </p>
      <button type="submit" disabled={isPlacing.value}>
        {isPlacing.value ? 'Placing the order …' : 'Order and pay'}
      </button>
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
  readonly value?: string;
  readonly optional?: boolean;
}

const Field = ({ name, label, autocomplete, value = '', optional = false }: FieldProps) => (
  <label class="grow">
    {label}
    <input
      name={name}
      autocomplete={autocomplete as 'on'}
      defaultValue={value}
      required={!optional}
      maxLength={200}
    />
  </label>
);

interface ChoiceProps {
  readonly group: string;
  readonly value: string;
  readonly name: string;
  readonly about?: string;
  readonly isFirst?: boolean;
}

const Choice = ({ group, value, name, about, isFirst = false }: ChoiceProps) => (
  <label class="choice">
    <input type="radio" name={group} value={value} defaultChecked={isFirst} />
    <span>
      {name}
      {about && <span class="quiet"> {about}</span>}
    </span>
  </label>
);
