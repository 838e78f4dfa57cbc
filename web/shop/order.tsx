import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { OrderStatus } from '../lib/order-status.tsx';
import { user } from '../lib/session.ts';
import { SignIn } from '../lib/sign-in.tsx';
import { Missing } from './missing.tsx';
import { type Order, order, saveInvoice, trouble } from './order.ts';
import { CancelForm, OrderAgain, ReturnForm } from './order-changes.tsx';
import { showShopPage } from './shop-page.tsx';

const stages = ['pending', 'confirmed', 'shipped', 'delivered'] as const;
const names = { pending: 'Placed', confirmed: 'Paid', shipped: 'Shipped', delivered: 'Delivered' };

const reasons = {
  out_of_stock: 'Something is sold out. Nothing was charged.',
  payment_declined: 'The card was declined. Nothing was charged.',
  payment_unavailable: 'The bank could not be reached. Nothing was charged.',
  shipping_unavailable: 'No carrier could take it. Nothing was charged.',
  shipping_declined: 'No carrier goes there. Nothing was charged.',
  timed_out: 'It took too long. Nothing was charged.',
} as const;

function OrderPage(): JSX.Element {
  if (!user.value)
    return (
      <>
        <h1>Your order</h1>
        <SignIn canRegister />
      </>
    );
  const found = order.value;
  if (!found)
    return (
      <Missing what="This order" why={trouble.value}>
        <a href="/orders">Your orders</a>
      </Missing>
    );
  return (
    <>
      <p>
        <a href="/orders">Your orders</a>
      </p>
      <h1>Order {found.number}</h1>
      <p class="quiet">
        Placed on <time dateTime={found.placedAt}>{new Date(found.placedAt).toLocaleString()}</time>
      </p>
      <p role="status">
        <OrderStatus status={found.status} />
        {found.reason && <span> {reasons[found.reason]}</span>}
      </p>
      <Stages order={found} />
      {found.payment.actionUrl && (
        <p class="card">
          The bank wants you to confirm the payment.{' '}
          <a href={found.payment.actionUrl} target="_blank" rel="noreferrer">
            Confirm it
          </a>
        </p>
      )}
      <p class="trouble" role="alert">
        {trouble.value}
      </p>
      <div class="checkout">
        <Lines order={found} />
        <div class="stack">
          <Parcels order={found} />
          <Documents order={found} />
          <Returns order={found} />
          <CancelForm order={found} />
          <ReturnForm order={found} />
          <OrderAgain order={found} />
        </div>
      </div>
    </>
  );
}

/** How far it has come; not shown for an order that goes another way. */
function Stages({ order: { status } }: { order: Order }): JSX.Element | null {
  const reached = stages.indexOf(
    (status === 'partially_shipped' ? 'confirmed' : status) as (typeof stages)[number],
  );
  if (reached < 0) return null;
  return (
    <ol class="stages" aria-label="Progress">
      {stages.map((stage, at) => (
        <li
          key={stage}
          class={at <= reached ? 'reached' : ''}
          aria-current={at === reached ? 'step' : undefined}
        >
          {names[stage]}
        </li>
      ))}
    </ol>
  );
}

function Lines({ order: found }: { order: Order }): JSX.Element {
  const { currency } = found.total;
  const sums = [
    ['Subtotal', found.subtotal.amount],
    ...(found.discount.amount > 0 ? [['Voucher', -found.discount.amount] as const] : []),
    ['Shipping', found.shippingCost.amount],
    ['Tax', found.tax.amount],
  ] as const;
  return (
    <section class="card" aria-labelledby="lines">
      <h2 id="lines">Products</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Product</th>
            <th scope="col" class="number">
              Quantity
            </th>
            <th scope="col" class="number">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {found.lines.map(({ sku, name, quantity, total }) => (
            <tr key={sku}>
              <th scope="row">
                <a href={`/products/${encodeURIComponent(sku)}`}>{name}</a>
              </th>
              <td class="number">{quantity}</td>
              <td class="number">{money(total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl class="sums">
        {sums.map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{money({ amount, currency })}</dd>
          </div>
        ))}
        <div class="total">
          <dt>Total</dt>
          <dd>{money(found.total)}</dd>
        </div>
        {found.payment.refunded.amount > 0 && (
          <div>
            <dt>Refunded</dt>
            <dd>{money(found.payment.refunded)}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Parcels({ order: { shipments } }: { order: Order }): JSX.Element | null {
  if (shipments.length === 0) return null;
  return (
    <section class="card" aria-labelledby="parcels">
      <h2 id="parcels">Parcels</h2>
      <ul class="plain-list">
        {shipments.map(({ id, carrier, trackingNumber, status }) => (
          <li key={id}>
            <span class="carrier">{carrier}</span> <span class="quiet">{trackingNumber}</span>{' '}
            {status.replaceAll('_', ' ')}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Documents({ order: { invoices } }: { order: Order }): JSX.Element | null {
  const invoice = invoices.find(({ kind }) => kind === 'invoice');
  if (!invoice) return null;
  return (
    <section class="card" aria-labelledby="documents">
      <h2 id="documents">Invoice</h2>
      <p class="row">
        <span class="grow">{invoice.number}</span>
        <button type="button" class="plain" onClick={() => void saveInvoice()}>
          Save as PDF
        </button>
      </p>
    </section>
  );
}

function Returns({ order: { returns, lines: bought } }: { order: Order }): JSX.Element | null {
  if (returns.length === 0) return null;
  const nameOf = (sku: string) => bought.find((line) => line.sku === sku)?.name ?? sku;
  return (
    <section class="card" aria-labelledby="returns">
      <h2 id="returns">Returns</h2>
      <ul class="plain-list">
        {returns.map(({ id, status, lines, refunded }) => (
          <li key={id}>
            {lines.map(({ sku, quantity }) => `${quantity} × ${nameOf(sku)}`).join(', ')}: {status}
            {refunded.amount > 0 && `, ${money(refunded)}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

showShopPage(OrderPage);
