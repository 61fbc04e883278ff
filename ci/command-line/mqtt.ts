import type { Command } from "commander";
import { mqttRotateCommand, mqttSyncCommand } from "../commands/mqtt";
import { mqttDeviceAddCommand, mqttDeviceListCommand, mqttDeviceRemoveCommand } from "../commands/mqtt-device";
import { described, json, type Open } from "./described";

const yes = ["--yes", "do not ask", false] as const;

/** `mqtt`: devices of AWS IoT Core, and logins of ActiveMQ. */
export function addMqtt(slipway: Command, open: Open): void {
  const mqtt = described(
    slipway.command("mqtt"),
    "look after who connects to the broker: devices on AWS IoT Core, logins on ActiveMQ",
    "npm run mqtt -- device add dev pump1",
  );
  addDevice(described(mqtt.command("device"), "devices of AWS IoT Core", "npm run mqtt -- device list dev"), open);
  described(
    mqtt.command("sync <environment>"),
    "give every client of ActiveMQ its login, take every other away, and restart the broker if something changed",
    "npm run mqtt -- sync stage",
  )
    .option(...yes)
    .option(...json)
    .action((environment: string, options: { yes: boolean; json: boolean }) =>
      mqttSyncCommand(open(), { environment, ...options }),
    );
  described(
    mqtt.command("rotate <environment> <client>"),
    "give a client of ActiveMQ its other login, with a new password; the one before stays valid until it is retired",
    "npm run mqtt -- rotate stage server",
  )
    .option("--retire", "rotate nothing: delete the login that the last rotation has left valid", false)
    .option(...yes)
    .option(...json)
    .action((environment: string, client: string, options: { retire: boolean; yes: boolean; json: boolean }) =>
      mqttRotateCommand(open(), { environment, client, ...options }),
    );
}

function addDevice(device: Command, open: Open): void {
  described(
    device.command("add <environment> <id>"),
    "make a device that may connect: its thing, its certificate, its policy; run it again to go on after an interrupt",
    "npm run mqtt -- device add dev pump1 --csr pump1.csr",
  )
    .option("--csr <file>", "the device's own request, whose key never leaves it; without one a key is made here")
    .option("--out <folder>", "where the certificate goes, and the key if one is made (default: devices/<thing>)")
    .option(...json)
    .action((environment: string, id: string, options: { csr?: string; out?: string; json: boolean }) =>
      mqttDeviceAddCommand(open(), { environment, id, ...options }),
    );
  described(
    device.command("list <environment>"),
    "the devices, and whether they may connect",
    "npm run mqtt -- device list dev",
  )
    .option(...json)
    .action((environment: string, options: { json: boolean }) =>
      mqttDeviceListCommand(open(), { environment, ...options }),
    );
  described(
    device.command("remove <environment> <id>"),
    "take a device away: its certificate is worth nothing from then on",
    "npm run mqtt -- device remove dev pump1",
  )
    .option(...yes)
    .option(...json)
    .action((environment: string, id: string, options: { yes: boolean; json: boolean }) =>
      mqttDeviceRemoveCommand(open(), { environment, id, ...options }),
    );
}
