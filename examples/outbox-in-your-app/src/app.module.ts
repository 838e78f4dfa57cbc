import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MessagingModule, oneBroker } from '@waybill/messaging';
import { PersistenceModule, SnakeCaseNaming } from '@waybill/persistence';
import { rabbitmqBroker } from '@waybill/rabbitmq';
import { SagaEntity, SagaModule, sagaMigrations, sagas } from '@waybill/saga';
import { DataSource } from 'typeorm';
import { DATABASE_URL, RABBITMQ_URL } from './app.config.ts';
import { enrolSaga } from './enrol.saga.ts';
import { Enrolment } from './enrolment.entity.ts';
import { EnrolmentsConsumer } from './enrolments.consumer.ts';
import { EnrolmentsController } from './enrolments.controller.ts';

const service = 'campus';
const broker = rabbitmqBroker({ url: RABBITMQ_URL, service });

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      entities: [Enrolment, SagaEntity],
      namingStrategy: new SnakeCaseNaming(),
      // In production, run your own migrations instead.
      synchronize: true,
    }),
    PersistenceModule.forRoot(
      { dataSource: DataSource, tables: [sagas], migrations: sagaMigrations },
      { service, migrate: true, inboxRetention: '14d' },
    ),
    MessagingModule.forRoot({ service, brokers: oneBroker(broker) }),
    SagaModule.forFeature([enrolSaga]),
  ],
  controllers: [EnrolmentsController],
  providers: [EnrolmentsConsumer],
})
export class AppModule {}
