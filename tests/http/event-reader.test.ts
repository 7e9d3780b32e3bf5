import { eventReaderBehaviour } from "./event-reader-behaviour.ts";

eventReaderBehaviour();
