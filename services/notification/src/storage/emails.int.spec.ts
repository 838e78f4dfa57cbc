import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { MemoryKeys } from '@waybill/encryption/testing';
import { Metrics } from '@waybill/observability';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { type Job, JobTable, Work } from '@waybill/work-queue';
import { MailNotSent, MailRefused } from '../clients/smtp-reply.ts';
import {
  type Delivery,
  defaultPreferences,
  deliver,
  deliveryId,
  type Preferences,
  type Subject,
} from '../domain/delivery.ts';
import type { Template } from '../domain/email.ts';
import { DigestConsumer } from '../messages/digest.consumer.ts';
import { DigestWorker } from '../messages/digest.worker.ts';
import { EmailMetrics } from '../messages/email.metrics.ts';
import { attempts, EmailSender } from '../messages/email.sender.ts';
import { EmailWorker } from '../messages/email.worker.ts';
import { Resends } from '../messages/resends.ts';
import { Mailbox } from '../testing/mailbox.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import { DigestRepository } from './digest.repository.ts';
import { DeliveryEntity, PreferencesEntity } from './notification.entities.ts';
import { notificationInvariants } from './notification.invariants.ts';
import { notificationStorage } from './notification.storage.ts';
import { PreferencesRepository } from './preferences.repository.ts';

/** The process ends here: nothing is written about it. */
class Crash extends Error {}

const keys = new MemoryKeys();
const cipher = keys.cipher();
let database: TestDatabase;
let mailbox: Mailbox;
let jobs: JobTable;
let work: Work;
let deliveries: DeliveryRepository;
let emails: EmailWorker;
let digests: DigestWorker;
let digestConsumer: DigestConsumer;
let resends: Resends;

beforeAll(async () => {
  database = await testDatabase(notificationStorage);
}, 60_000);
beforeEach(async () => {
  await database.pool.query('truncate deliveries, preferences, work_job');
  const { dataSource } = database;
  mailbox = new Mailbox();
  jobs = new JobTable(dataSource);
  work = new Work({ dataSource, jobs, index: { add: async () => undefined } as never });
  deliveries = new DeliveryRepository(dataSource.getRepository(DeliveryEntity));
  const preferences = new PreferencesRepository(dataSource.getRepository(PreferencesEntity));
  const metrics = new EmailMetrics(new Metrics('notification'));
  const found = new DigestRepository(dataSource);
  const config = { digestSize: 100, smtpUrl: 'smtp://127.0.0.1' };
  const sender = new EmailSender(mailbox, metrics);
  emails = new EmailWorker(deliveries, preferences, sender, cipher, metrics);
  digests = new DigestWorker(found, deliveries, preferences, sender, cipher, work, metrics, config);
  digestConsumer = new DigestConsumer(dataSource, work, found, config);
  resends = new Resends(dataSource, work, deliveries, config);
});
afterAll(() => database?.close());

interface About {
  readonly orderId?: string;
  readonly customerId?: string;
  readonly preferences?: Partial<Preferences>;
}

async function made(template: Template, about: About): Promise<Delivery> {
  const { orderId = newId(), customerId = 'ada', preferences = {} } = about;
  const subject: Subject = {
    id: deliveryId(orderId, template),
    orderId,
    template,
    news: {
      number: `W-${orderId}`,
      customerName: await cipher.encrypt(customerId, 'Ada'),
      lines: [{ sku: 'MUG', quantity: 1 }],
      total: { amount: 1_290, currency: 'EUR' },
      reason: null,
    },
  };
  const email = await cipher.encrypt(customerId, `${customerId}@example.com`);
  const context = {
    preferences: { ...defaultPreferences(customerId), ...preferences },
    now: new Date(),
    sends: true,
  };
  return deliver(subject, { id: customerId, email }, context);
}

/** Deliveries in the database, with their jobs. */
async function givenAll(count: number, about: (n: number) => [Template, About?]) {
  const all: Delivery[] = [];
  for (let n = 0; n < count; n += 1) {
    const [template, more = {}] = about(n);
    all.push(await made(template, more));
  }
  const queued = all.filter(({ status }) => status === 'queued');
  await database.dataSource.transaction(async (manager) => {
    await manager.insert(
      DeliveryEntity,
      all.map((each) => ({ ...each, version: 1 })),
    );
    await work.add(
      manager,
      queued.map(({ id }) => ({ queue: 'email', key: id, data: { deliveryId: id } })),
    );
  });
  return all;
}

async function given(template: Template, about: About = {}): Promise<Delivery> {
  const [delivery] = await givenAll(1, () => [template, about]);
  if (!delivery) throw new Error('a delivery was made');
  return delivery;
}

/** Does the jobs that are due, as workers would; a job that failed is due again at once, and so is one whose process crashed. */
async function doJobs(queue: 'email' | 'digest', attempt?: number): Promise<void> {
  const run = (job: Job<never>) => (queue === 'email' ? emails.send(job) : digests.send(job));
  for (const job of await jobs.claim(queue, await jobs.due(queue, 100), 0)) {
    let ended = false;
    const complete: Job['complete'] = async (commit) => {
      await jobs.complete(job, async (manager) => {
        await commit?.(manager);
        return null;
      });
      ended = true;
    };
    const { signal } = new AbortController();
    try {
      await run({ ...job, attempt: attempt ?? job.attempt, complete, signal } as never);
      if (!ended) await complete();
    } catch (error) {
      if (!(error instanceof Crash)) await jobs.failed(job, String(error), 0, job.attempt);
    }
  }
}

const statusOf = async ({ id }: Delivery) => {
  const found = await deliveries.find(id);
  return [found?.status, found?.error ?? null];
};
const left = async () => (await jobs.counts()).reduce((sum, { waiting }) => sum + waiting, 0);

describe('an e-mail', () => {
  it('is sent once, with the name and address that only its customer has the key of', async () => {
    const delivery = await given('order-confirmed');
    await doJobs('email');
    await doJobs('email');
    expect([...mailbox.mails.values()]).toMatchObject([
      { to: 'ada@example.com', text: expect.stringContaining('Hello Ada,') },
    ]);
    expect(await statusOf(delivery)).toEqual(['sent', null]);
    expect(await left()).toBe(0);
  });

  it('waits while the mail server is away, and goes out afterwards', async () => {
    const delivery = await given('order-confirmed');
    mailbox.before = () => {
      throw new MailNotSent('the mail server does not answer');
    };
    await doJobs('email');
    expect(await statusOf(delivery)).toEqual(['queued', null]);
    expect(await notificationInvariants(database.dataSource)).toEqual([]);
    mailbox.before = () => undefined;
    await doJobs('email');
    expect(await statusOf(delivery)).toEqual(['sent', null]);
  });

  it('is sent again under the same Message-ID when the process ends before it is committed', async () => {
    const delivery = await given('order-confirmed');
    mailbox.after = () => {
      throw new Crash();
    };
    await doJobs('email');
    mailbox.after = () => undefined;
    await doJobs('email');
    expect(await statusOf(delivery)).toEqual(['sent', null]);
    expect(mailbox.mails.size).toBe(1);
  });

  it('that is refused for good has bounced, and one without an attempt left is dead until it is sent again', async () => {
    const bounced = await given('order-confirmed');
    mailbox.before = () => {
      throw new MailRefused('the mail server answers 550');
    };
    await doJobs('email');
    const dead = await given('order-shipped');
    mailbox.before = () => {
      throw new MailNotSent('the mail server answers 451');
    };
    await doJobs('email', attempts);
    expect(await statusOf(bounced)).toEqual(['bounced', 'the mail server answers 550']);
    expect(await statusOf(dead)).toEqual(['dead', 'the mail server answers 451']);
    expect(await left()).toBe(0);

    mailbox.before = () => undefined;
    await resends.queue(dead.id);
    await expect(resends.queue(dead.id)).rejects.toMatchObject({ code: 'already_queued' });
    expect(await resends.queue('unknown')).toBeUndefined();
    await doJobs('email');
    expect(await statusOf(dead)).toEqual(['sent', null]);
    expect([...mailbox.mails.keys()]).toEqual([`${dead.orderId}.order-shipped.1`]);
  });

  it('is not sent to a customer who has turned it off meanwhile, is erased, or sent the order back', async () => {
    const grace = await given('order-shipped', { customerId: 'grace' });
    await database.pool.query(
      `insert into preferences values ('grace', true, '["order-shipped"]', 1, 'en', 'none')`,
    );
    const erased = await given('order-shipped', { customerId: 'eve' });
    keys.erase('eve');
    const thanks = await given('thank-you');
    await given('order-returning', { orderId: thanks.orderId ?? '' });
    await doJobs('email');
    for (const each of [grace, erased, thanks])
      expect(await statusOf(each)).toEqual(['suppressed', null]);
    expect([...mailbox.mails.keys()]).toEqual([`${thanks.orderId}.order-returning`]);
  });

  it('is a notification, which its customer reads once', async () => {
    const { id } = await given('order-confirmed');
    expect(await deliveries.markRead(id, 'grace')).toBe(false);
    expect(await deliveries.markRead(id, 'ada')).toBe(true);
    const first = (await deliveries.find(id))?.readAt;
    await deliveries.markRead(id, 'ada');
    expect((await deliveries.find(id))?.readAt).toBe(first);
    const own = { customerId: 'ada', status: 'queued' as const };
    expect(await deliveries.list(own, undefined, 10)).toMatchObject([{ id, readAt: first }]);
    expect(await deliveries.list({ ...own, status: 'sent' }, undefined, 10)).toEqual([]);
    expect(await deliveries.aboutNoOrder('ada', undefined, 10)).toEqual([]);
  });
});

describe('digests', () => {
  const collected = (delivery: Delivery, at: string = delivery.at) => {
    const data = {
      deliveryId: delivery.id,
      customerId: delivery.customerId,
      digest: 'daily',
      at,
    };
    return { id: newId(), data } as never;
  };

  it('have each of 500 notifications once, although the process is killed again and again', async () => {
    const preferences = { digest: 'daily' as const };
    const customers = ['ada', 'grace', 'linus', 'alan'];
    const all = await givenAll(500, (n) => [
      n % 2 ? 'order-shipped' : 'order-confirmed',
      { customerId: customers[n % 4] ?? '', preferences },
    ]);
    await digestConsumer.collect().write(all.map((each) => collected(each)));
    let sent = 0;
    mailbox.before = () => {
      sent += 1;
      if (sent % 3 === 1) throw new Crash();
    };
    mailbox.after = () => {
      if (sent % 3 === 2) throw new Crash();
    };
    for (let n = 0; n < 40 && (await left()) > 0; n += 1) await doJobs('digest');

    const numbers = [...mailbox.mails.values()].flatMap(({ text }) => text.match(/W-\S+/g) ?? []);
    const wanted = all.map(({ news }) => news.number);
    expect(numbers.map((each) => each.replace(/\.$/, '')).sort()).toEqual(wanted.sort());
    expect(mailbox.mails.size).toBe(8);
    expect(await deliveries.list({ status: 'sent' }, undefined, 1_000)).toHaveLength(500);
  });

  it('come at the end of their period, or as soon as there are enough notifications', async () => {
    const preferences = { digest: 'daily' as const };
    const first = await given('order-shipped', { preferences });
    await digestConsumer.collect().write([collected(first, '2099-05-01T10:00:00.000Z')]);
    expect(await jobs.list({ limit: 9 })).toMatchObject([
      { key: 'ada', dueAt: '2099-05-02T00:00:00.000Z' },
    ]);
    await doJobs('digest');
    expect(mailbox.mails.size).toBe(0);
    const more = await givenAll(99, () => ['order-shipped', { preferences }]);
    await digestConsumer.collect().write(more.map((each) => collected(each)));
    await doJobs('digest');
    expect([...mailbox.mails.values()]).toMatchObject([
      { subject: '100 messages about your orders' },
    ]);
  });
});
