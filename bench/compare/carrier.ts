import type { ServerName } from '@waybill/stack';

/** What is compared. Redis carries two things: live updates by pub/sub, and the entries of work queues. */
export const carrierNames = [
  'embedded',
  'kafka',
  'rabbitmq',
  'sns-sqs',
  'redis',
  'redis-queue',
] as const;
export type CarrierName = (typeof carrierNames)[number];

/** What the guides say of a broker, in the words of their tables. */
export interface Guide {
  readonly throughput: string;
  readonly latency: string;
  readonly durability: string;
  readonly ordering: string;
}

export interface Carrier {
  readonly name: CarrierName;
  readonly title: string;
  /** The server that it needs; null: it lives in the process. */
  readonly server: ServerName | null;
  /** Milliseconds without a receipt after which what is missing counts as lost: longer than its slowest redelivery. */
  readonly patience: number;
  /** Milliseconds from the declaration of its queues until a kill of its server is a fair one; default 0. */
  readonly settling?: number;
  /** Null where the guides have no such row. */
  readonly guide: Guide | null;
  /** What a reader must know of the figures. */
  readonly note: string;
}

const redisGuide: Guide = {
  throughput: 'the fastest',
  latency: '< 1 ms',
  durability: 'in memory',
  ordering: 'none (pub/sub)',
};

/** Everything that is compared, in the order of the table. */
export const carriers: readonly Carrier[] = [
  {
    name: 'embedded',
    title: 'embedded',
    server: null,
    patience: 5_000,
    guide: null,
    note: 'one process publishes and consumes; a message is confirmed when its consumer has committed it',
  },
  {
    name: 'kafka',
    title: 'Kafka',
    server: 'kafka',
    patience: 40_000,
    guide: {
      throughput: 'very high',
      latency: 'ms',
      durability: 'on disk, retained',
      ordering: 'per partition',
    },
    note: 'one node; survives a killed process, and a power cut only with replicas or flush.messages=1',
  },
  {
    name: 'rabbitmq',
    title: 'RabbitMQ',
    server: 'rabbitmq',
    patience: 40_000,
    settling: 3_000,
    guide: {
      throughput: 'medium to high',
      latency: 'low (< 1 to ms)',
      durability: 'persistent queues',
      ordering: 'per queue',
    },
    note: 'quorum queues of one node, persistent, confirmed; declared 3 s before the kill, because RabbitMQ 3.10 loses a quorum queue younger than about half a second',
  },
  {
    name: 'sns-sqs',
    title: 'SNS/SQS',
    server: 'sns-sqs',
    patience: 60_000,
    guide: {
      throughput: 'high (managed)',
      latency: '10 to 100 ms',
      durability: 'managed, at least once',
      ordering: 'FIFO queues only',
    },
    note: 'FIFO topics and queues of the emulator, which may keep messages in memory only; AWS keeps them on several servers and has another speed',
  },
  {
    name: 'redis',
    title: 'Redis pub/sub',
    server: 'redis',
    patience: 5_000,
    guide: redisGuide,
    note: 'live updates: at most once, so what no consumer receives at once is lost',
  },
  {
    name: 'redis-queue',
    title: 'Redis queue alone',
    server: 'redis',
    patience: 40_000,
    guide: redisGuide,
    note: 'the priority queue with leases, without its rows: in Waybill the jobs are rows in PostgreSQL, and a sweep puts back what a crash of Redis lost',
  },
];

/** The guides compare it too; decision 43 says why it is not measured. */
export const pulsar: { readonly title: string; readonly guide: Guide } = {
  title: 'Pulsar',
  guide: {
    throughput: 'very high',
    latency: 'ms',
    durability: 'on disk, tiered',
    ordering: 'per partition or key',
  },
};
