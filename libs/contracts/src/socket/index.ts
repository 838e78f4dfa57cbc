export {
  type Broadcast,
  broadcast,
  type ChatMessage,
  type ClientMessage,
  chatMessage,
  clientMessages,
  getRoomUsers,
  type InRoom,
  type JoinRoom,
  joinRoom,
  leaveRoom,
  type PrivateMessage,
  ping,
  privateMessage,
} from './client-messages.ts';
export { type ServerMessage, type ServerMessageOf, serverMessages } from './server-messages.ts';
export { clientId, type Metadata, metadata, type RoomUser, room, roomUser } from './values.ts';
