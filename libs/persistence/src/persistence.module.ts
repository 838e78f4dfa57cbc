import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Brokers, Storage } from '@waybill/messaging';
import { stopSteps } from '@waybill/resilience';
import { DataSource, EntityManager } from 'typeorm';
import { serviceDataSource } from './data-source.ts';
import { PgStorage, type PgStorageOptions } from './pg-storage.ts';
import type { Stored } from './stored.ts';

/** Injects the `PersistenceOptions` of a service. */
export const PERSISTENCE_OPTIONS = Symbol('persistence:options');

/** Which database, and how it is used. */
export interface PersistenceOptions
  extends Omit<PgStorageOptions, 'dataSource' | 'tables' | 'brokers'> {
  /** Connection string of the service's own database. */
  readonly url: string;
  /** Connections at most; default 8. */
  readonly poolSize?: number;
  /** Bring the database up to date first; otherwise a service that is behind waits until somebody did. Default false. */
  readonly migrate?: boolean;
}

/** How the options are made. */
export interface PersistenceAsyncOptions
  extends Pick<FactoryProvider<PersistenceOptions>, 'inject' | 'useFactory'> {
  readonly imports?: DynamicModule['imports'];
}

/** The last to go: whatever stops before it may still write. */
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
    await stopSteps([end], this.options.log);
  }
}

/** Injects what a service stores. */
export const STORED = Symbol('persistence:stored');

/**
 * The database of a service: TypeORM's `DataSource` for reading, and the `Storage` of its consumer. Not TypeORM's own root
 * module, which keeps one data source a process; `TypeOrmModule.forFeature` and `@InjectRepository` work as ever.
 */
@Global()
@Module({})
export class PersistenceModule {
  /** With the `PERSISTENCE_OPTIONS` that a global module provides. */
  static forRoot(stored: Stored): DynamicModule {
    return moduleOf(stored);
  }

  static forRootAsync(
    stored: Stored,
    { imports = [], ...options }: PersistenceAsyncOptions,
  ): DynamicModule {
    const module = moduleOf(stored);
    return {
      ...module,
      imports,
      providers: [...(module.providers ?? []), { provide: PERSISTENCE_OPTIONS, ...options }],
    };
  }
}

const moduleOf = (stored: Stored): DynamicModule => ({
  module: PersistenceModule,
  providers: [
    { provide: STORED, useValue: stored },
    { provide: DataSource, inject: [STORED, PERSISTENCE_OPTIONS], useFactory: connectDatabase },
    DatabaseConnection,
    {
      provide: EntityManager,
      inject: [DataSource],
      useFactory: ({ manager }: DataSource) => manager,
    },
    {
      provide: Storage,
      inject: [STORED, PERSISTENCE_OPTIONS, DataSource, Brokers],
      useFactory: openStorage,
    },
  ],
  exports: [DataSource, EntityManager, Storage],
});

/** Connects to the database of a service; an error names the setting and where it looked, never the password. */
export async function connectDatabase(
  stored: Stored,
  { url, service, poolSize = 8 }: Pick<PersistenceOptions, 'url' | 'service' | 'poolSize'>,
): Promise<DataSource> {
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
  { tables }: Stored,
  options: PersistenceOptions,
  dataSource: DataSource,
  brokers: Brokers,
): Promise<PgStorage> {
  const storage = new PgStorage({ ...options, dataSource, tables, brokers });
  try {
    if (options.migrate) await storage.migrate();
    return storage;
  } catch (error) {
    // There is no application yet that would close it.
    await dataSource.destroy();
    throw error;
  }
}
