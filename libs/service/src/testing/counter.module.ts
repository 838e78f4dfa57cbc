import { Body, Controller, Get, HttpCode, Inject, Injectable, Module, Post } from '@nestjs/common';
import { event, local } from '@waybill/contracts';
import { Caller, Public } from '@waybill/http';
import { Handles, MessagingModule, on, Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { bigint, PersistenceModule, type Stored, states } from '@waybill/persistence';
import {
  Column,
  Entity,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  VersionColumn,
} from 'typeorm';
import { z } from 'zod';
import { secret } from '../config/secret.ts';
import { ServiceModule } from '../service.module.ts';
import { serviceMigrations } from '../service-migrations.ts';
import type { ServiceOptions } from '../service-options.ts';
import { CONFIG } from '../tokens.ts';

@Entity('counters')
class CounterEntity {
  @PrimaryColumn('text') readonly id!: string;
  @Column(bigint) readonly total!: number;
  @VersionColumn(bigint) readonly version!: number;
}
const counters = states(CounterEntity);

const amount = z.strictObject({ id: z.string().min(1).max(20), n: z.int().min(1).max(100) });
const keyed = { schema: amount, key: (data: { id: string }) => data.id };
export const Add = local('counter.add', { ...keyed, summary: 'Adds to a counter' });
export const Added = event('counter.added', { ...keyed, summary: 'A counter has grown' });

const settings = z
  .object({ COUNTER_LIMIT: z.coerce.number().int().default(1_000), COUNTER_SECRET: secret('dev') })
  .transform((env) => ({ limit: env.COUNTER_LIMIT, secret: env.COUNTER_SECRET }));
type Settings = z.output<typeof settings>;

@Injectable()
class CounterConsumer {
  received = 0;

  constructor(@Inject(CONFIG) private readonly settings: Settings) {}

  @Handles()
  add() {
    return on(Add, counters, {
      state: (data) => data.id,
      decide: (counter, { id, n }) => {
        const total = (counter?.total ?? 0) + n;
        if (total > this.settings.limit) {
          throw Object.assign(new Error(`counter ${id} would pass ${this.settings.limit}`), {
            code: 'counter_full',
            retriable: false,
          });
        }
        return { changes: [counters.put({ id, total })], send: [Added({ id, n })], answer: total };
      },
    });
  }

  @Handles()
  receive() {
    return on(Added, counters, {
      state: (data) => `heard-${data.id}`,
      decide: (counter, { id, n }) => ({
        changes: [counters.put({ id: `heard-${id}`, total: (counter?.total ?? 0) + n })],
      }),
    });
  }
}

@Controller('counters')
class CounterController {
  constructor(private readonly submitter: Submitter) {}

  @Post()
  @HttpCode(202)
  async add(
    @Body({ schema: amount }) body: z.output<typeof amount>,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ) {
    return { total: await this.submitter.submit<number>(Add(body), trace), by: caller.name };
  }

  @Public()
  @Get('slow')
  async slow() {
    return { total: await this.submitter.submit<number>(Add({ id: 'slow', n: 1 })) };
  }
}

class Counters1763683200001 implements MigrationInterface {
  readonly name = 'Counters1763683200001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'create table counters (id text primary key, total bigint not null, version bigint not null)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table counters');
  }
}

/** The options of the counter. */
export const counterOptions: ServiceOptions<Settings> = {
  name: 'counter',
  config: settings,
  problems: { counter_full: 409 },
  seed: async ({ dataSource, submit }) => {
    const found = await dataSource.query("select from counters where id = 'seed'");
    if (found.length === 0) await submit(Add({ id: 'seed', n: 1 }));
  },
};

/** What the counter stores. */
export const counterStored: Stored = {
  tables: [counters],
  migrations: [Counters1763683200001, ...serviceMigrations],
};

/** The smallest service with every common part: settings, a route, a decision, an event that it subscribes to itself. */
@Module({
  imports: [
    ServiceModule.forRoot(counterOptions),
    PersistenceModule.forRoot(counterStored),
    MessagingModule.forRoot(),
  ],
  controllers: [CounterController],
  providers: [CounterConsumer],
})
export class CounterModule {}
