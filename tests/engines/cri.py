"""cri.py SOCKET DIRECTORY: a client of the Container Runtime Interface for shell scripts.

DIRECTORY has cri_pb2.py, made by protoc, and two fifos. A request is what is written to `ask` until it is closed:
PACKAGE.SERVICE/METHOD and the message as JSON. To `answer` goes "ok" or "error" in a line of its own, and below it the reply
as JSON or what was wrong. One at a time, until it is ended by a signal: importing grpc takes longer than most calls.
"""
import json
import sys

import grpc
from google.protobuf import json_format

SECONDS = 60


def call(channel, messages, request):
    path, _, text = request.partition(" ")
    method = messages.DESCRIPTOR.services_by_name["RuntimeService"].methods_by_name[path.split("/")[1]]
    send = channel.unary_unary(
        "/" + path,
        request_serializer=getattr(messages, method.input_type.name).SerializeToString,
        response_deserializer=getattr(messages, method.output_type.name).FromString)
    message = json_format.Parse(text or "{}", getattr(messages, method.input_type.name)())
    reply = send(message, timeout=SECONDS)
    return json.dumps(json_format.MessageToDict(reply, True, preserving_proto_field_name=True))


def answer(channel, messages, request):
    try:
        return "ok\n" + call(channel, messages, request)
    except grpc.RpcError as error:
        return f"error\n{error.code().name}: {error.details()}"
    except Exception as error:
        return f"error\n{error!r}"


def main(socket, directory):
    sys.path.insert(0, directory)
    import cri_pb2
    with grpc.insecure_channel("unix://" + socket) as channel:
        while True:
            with open(directory + "/ask") as file:
                request = file.read()
            with open(directory + "/answer", "w") as file:
                file.write(answer(channel, cri_pb2, request))


if __name__ == "__main__":
    main(*sys.argv[1:])
