import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { SagaActionEntity } from './saga-action.entity.ts';

/** Reads what operators did to sagas. */
@Injectable()
export class SagaActionRepository {
  constructor(
    @InjectRepository(SagaActionEntity) private readonly actions: Repository<SagaActionEntity>,
  ) {}

  /** The oldest first. */
  of(sagaIds: readonly string[]): Promise<SagaActionEntity[]> {
    const where = { sagaId: In([...sagaIds]) };
    return this.actions.find({ where, order: { at: 'ASC', id: 'ASC' } });
  }
}
