import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Injectable,
  type InjectionToken,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { Brokers, nestLog, Storage } from '@waybill/messaging';
import { stopSteps } from '@waybill/resilience';
import { DataSource, EntityManager } from 'typeorm';
import { besideApplication, serviceDataSource } from './data-source.ts';
import { Outbox } from './outbox.ts';
import { PgStorage, type PgStorageOptions } from './pg-storage.ts';
import type { Stored } from './stored.ts';

/** Injects the `PersistenceOptions` of a service. */
export const PERSISTENCE_OPTIONS = Symbol('persistence:options');

/** What a service stores, and in which data source. */
export interface StoredIn extends Partial<Stored> {
  /**
   * The injection token of the application's data source, such as `DataSource` after `TypeOrmModule.forRoot()`. The module
   * uses it and does not close it. Default: the module opens and closes its own, by the `url` of its options.
   */
  readonly dataSource?: InjectionToken<DataSource>;
}

/** Which database to use, and how. */
export interface PersistenceOptions
  extends Omit<PgStorageOptions, 'dataSource' | 'tables' | 'brokers' | 'beside'> {
  /** Connection string of the service's own database; required unless `dataSource` is given. */
  readonly url?: string;
  /** Maximum number of connections; default 8. */
  readonly poolSize?: number;
  /** Migrate at startup; otherwise the service is not ready until pending migrations are applied. Default false. */
  readonly migrate?: boolean;
}

/** A factory for the options. */
export interface PersistenceAsyncOptions
  extends Pick<FactoryProvider<PersistenceOptions>, 'inject' | 'useFactory'> {
  readonly imports?: DynamicModule['imports'];
}

/** Closes last, because providers that stop before it may still write. */
@Injectable()
class DatabaseConnection implements OnApplicationShutdown {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(PERSISTENCE_OPTIONS) private readonly options: PersistenceOptions,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    const { dataSource } = this;
    if (!dataSource.isInitialized) return;
    const end = { name: 'database', within: 1_000, run: () => dataSource.destroy() };
    await stopSteps([end], this.options.log ?? nestLog('Persistence'));
  }
}

/** Injects the `StoredIn` of a service. */
export const STORED = Symbol('persistence:stored');

/**
 * The database of a service: TypeORM's `DataSource` for reading, the `Storage` of its consumer, and the `Outbox` for
 * its own transactions. The data source is the application's, or one that this module creates, because TypeORM's root
 * module keeps one data source per process; `TypeOrmModule.forFeature` and `@InjectRepository` work with both.
 */
@Global()
@Module({})
export class PersistenceModule {
  /** Without `options`, a global module must provide `PERSISTENCE_OPTIONS`. */
  static forRoot(stored: StoredIn, options?: PersistenceOptions): DynamicModule {
    return moduleOf(stored, options ? [{ provide: PERSISTENCE_OPTIONS, useValue: options }] : []);
  }

  static forRootAsync(
    stored: StoredIn,
    { imports = [], ...options }: PersistenceAsyncOptions,
  ): DynamicModule {
    return {
      ...moduleOf(stored, [{ provide: PERSISTENCE_OPTIONS, ...options }]),
      imports,
    };
  }
}

function moduleOf(stored: StoredIn, options: readonly Provider[]): DynamicModule {
  const { dataSource: given } = stored;
  return {
    module: PersistenceModule,
    providers: [
      { provide: STORED, useValue: stored },
      ...options,
      ...(given ? [] : ownDataSource),
      {
        provide: Storage,
        inject: [STORED, PERSISTENCE_OPTIONS, given ?? DataSource, Brokers],
        useFactory: openStorage,
      },
      {
        provide: Outbox,
        inject: [Storage],
        useFactory: ({ outbox }: PgStorage) => outbox,
      },
    ],
    exports: [STORED, Storage, Outbox, ...(given ? [] : [DataSource, EntityManager])],
  };
}

const ownDataSource: readonly Provider[] = [
  { provide: DataSource, inject: [STORED, PERSISTENCE_OPTIONS], useFactory: connectDatabase },
  DatabaseConnection,
  {
    provide: EntityManager,
    inject: [DataSource],
    useFactory: ({ manager }: DataSource) => manager,
  },
];

/** Connects to the database of a service; an error names the setting, the database and the host, never the password. */
export async function connectDatabase(
  stored: Partial<Stored>,
  { url, service, poolSize = 8 }: Pick<PersistenceOptions, 'url' | 'service' | 'poolSize'>,
): Promise<DataSource> {
  if (!url)
    throw new TypeError(
      'PersistenceModule needs `url`, or `dataSource` for the data source of the application',
    );
  const dataSource = serviceDataSource({ ...stored, url, name: service, poolSize });
  try {
    return await dataSource.initialize();
  } catch (error) {
    const { host, pathname } = new URL(url);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${service} cannot reach its database ${pathname.slice(1)} at ${host} (DATABASE_URL): ${reason}`,
      { cause: error },
    );
  }
}

async function openStorage(
  { tables = [], migrations, dataSource: given }: StoredIn,
  options: PersistenceOptions,
  dataSource: DataSource,
  brokers: Brokers,
): Promise<PgStorage> {
  if (dataSource.options.type !== 'postgres')
    throw new TypeError(`PersistenceModule needs PostgreSQL, not ${dataSource.options.type}`);
  const beside = given ? { beside: besideApplication(migrations) } : {};
  const storage = new PgStorage({ ...options, ...beside, dataSource, tables, brokers });
  try {
    if (options.migrate) await storage.migrate();
    return storage;
  } catch (error) {
    // No application exists yet that would close it.
    if (!given) await dataSource.destroy();
    throw error;
  }
}
