import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { OrderStatus } from '../lib/order-status.tsx';
import { linkTo } from './address.ts';
import {
  hops,
  isLive,
  isSettled,
  letters,
  missing,
  obstacles,
  order,
  saga,
  trouble,
} from './journey.ts';
import { Missing, Table, Trouble } from './list.tsx';
import { SagaState } from './saga-state.tsx';
import {
  carrierOf,
  type Hop,
  isPlain,
  keyOf,
  remarksOn,
  type Sequence,
  sequenceOf,
} from './sequence.ts';
import { SequenceDiagram } from './sequence-diagram.tsx';
import { Time } from './time.tsx';
import { duration, moment, since } from './times.ts';

/** The way of one order through services and brokers, while it happens. */
export function OrderJourney(): JSX.Element {
  const found = order.value;
  const sequence = sequenceOf(hops.value ?? []);
  const brokers = [...new Set((hops.value ?? []).map(({ broker }) => broker))];
  return (
    <>
      <p>
        <a href="/console/orders">Orders</a>
      </p>
      <div class="title">
        <h1>Journey of {found?.number ?? 'an order'}</h1>
        {found && <OrderStatus status={found.status} />}
        <span class="quiet">{isLive.value ? 'live' : 'not live'}</span>
      </div>
      <Trouble text={trouble.value} />
      {found && (
        <>
          <Facts order={found} />
          <Waits />
        </>
      )}
      {sequence.arrows.length > 0 && (
        <>
          <section class="card" aria-labelledby="sequence">
            <h2 id="sequence">Messages</h2>
            <Missing services={missing.value} />
            <p class="row">
              {brokers.map((broker, place) => (
                <span key={broker} class={`key broker-${place % 5}`}>
                  {carrierOf(broker)}
                </span>
              ))}
              <span class="key undo">compensation</span>
            </p>
            <SequenceDiagram
              participants={sequence.participants}
              arrows={sequence.arrows.filter((arrow) => !isPlain(arrow))}
              brokers={brokers}
            />
          </section>
          <section class="card" aria-labelledby="timeline">
            <h2 id="timeline">Timeline</h2>
            <Timeline {...sequence} />
          </section>
        </>
      )}
    </>
  );
}

function Facts({ order: found }: { order: Schemas['Order'] }): JSX.Element {
  return (
    <dl class="card figures">
      <div>
        <dt>Placed</dt>
        <dd>
          <Time at={found.placedAt} />
        </dd>
      </div>
      <div>
        <dt>Total</dt>
        <dd>{money(found.total)}</dd>
      </div>
      <div>
        <dt>Payment</dt>
        <dd>{found.payment.status.replaceAll('_', ' ')}</dd>
      </div>
      {found.reason && (
        <div>
          <dt>Reason</dt>
          <dd>{found.reason.replaceAll('_', ' ')}</dd>
        </div>
      )}
      <div>
        <dt>Messages</dt>
        <dd>{hops.value?.length ?? '…'}</dd>
      </div>
    </dl>
  );
}

/** What the order waits for, with the place where it can be helped. */
function Waits(): JSX.Element {
  const its = saga.value;
  const deferred = hops.value?.filter(({ outcome }) => outcome === 'deferred') ?? [];
  return (
    <section class="card" aria-labelledby="waits">
      <h2 id="waits">{isSettled.value ? 'It waits for nothing' : 'It waits for'}</h2>
      <ul class="plain-list" aria-live="polite">
        {its && (
          <li>
            <a href={linkTo('sagas', its.id)}>{its.saga}</a> <SagaState saga={its} />
            {!isSettled.value && ` at ${its.step}`}
          </li>
        )}
        {!isSettled.value &&
          obstacles.value.map((text) => (
            <li key={text} class="remark">
              {text}
            </li>
          ))}
        {deferred.map(({ messageId, group, name, attempt }) => (
          <li key={`${messageId} ${group}`}>
            {name} is deferred by {group} after {attempt} attempts, and is tried again
          </li>
        ))}
        {letters.value.map((letter) => (
          <li key={letter.id}>
            <a href={linkTo('dead-letters', letter.id)}>The dead letter {letter.type}</a> of{' '}
            {letter.group}: {letter.error}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A link to where the message is; steps of sagas and calls are no messages. */
const HopName = ({ hop: { kind, name, messageId } }: { hop: Hop }): JSX.Element =>
  kind === 'saga' || kind === 'effect' ? (
    <span>{name}</span>
  ) : (
    <a href={linkTo('messages', messageId)}>{name}</a>
  );

function Timeline({ participants, arrows }: Sequence): JSX.Element {
  const began = Date.parse(arrows[0]?.hop.at ?? '');
  return (
    <Table
      of="messages"
      items={arrows}
      keyOf={keyOf}
      columns={[
        {
          title: 'Message',
          of: ({ hop, isUndo }) => (
            <>
              <HopName hop={hop} /> <span class="quiet">{hop.kind}</span>
              {isUndo && <span class="remark"> compensation</span>}
              {remarksOn(hop).map((remark) => (
                <span key={remark} class="remark">
                  {' '}
                  {remark}
                </span>
              ))}
            </>
          ),
        },
        {
          title: 'From, to',
          of: ({ from, to }) =>
            [...new Set([from, to])].map((place) => participants[place]).join(' → '),
        },
        {
          title: 'Broker, channel',
          isWide: true,
          of: ({ hop }) => `${carrierOf(hop.broker)}, ${hop.channel}`,
        },
        { title: 'Handled by', isWide: true, of: ({ hop }) => hop.group },
        {
          title: 'After',
          isNumber: true,
          of: ({ hop }) => (
            <time dateTime={hop.at} title={moment(hop.at)}>
              {since(Math.max(0, Date.parse(hop.at) - began))}
            </time>
          ),
        },
        {
          title: 'Took',
          isNumber: true,
          isWide: true,
          of: ({ hop }) => (hop.durationMs > 0 ? duration(hop.durationMs) : ''),
        },
      ]}
    />
  );
}
