import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { defaultPreferences, type Preferences } from '../domain/delivery.ts';
import { PreferencesEntity } from './notification.entities.ts';

/** Reads the copy of what customers chose. */
@Injectable()
export class PreferencesRepository {
  constructor(
    @InjectRepository(PreferencesEntity)
    private readonly preferences: Repository<PreferencesEntity>,
  ) {}

  async of(customerId: string): Promise<Preferences> {
    return (await this.preferences.findOneBy({ customerId })) ?? defaultPreferences(customerId);
  }
}
