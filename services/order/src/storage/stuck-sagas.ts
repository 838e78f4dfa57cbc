import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Health } from '@waybill/observability';
import { SagaRepository } from '@waybill/saga';

/** More of them need not be told apart. */
const countedAtMost = 100;

/** Tells in the health of the service how many sagas are stuck. */
@Injectable()
export class StuckSagas implements OnModuleInit {
  constructor(
    private readonly sagas: SagaRepository,
    private readonly health: Health,
  ) {}

  onModuleInit(): void {
    this.health.add({
      name: 'stuck-sagas',
      unit: 'sagas',
      limit: 1,
      sampled: true,
      read: async () => (await this.sagas.list({ stuck: true, limit: countedAtMost })).length,
    });
  }
}
