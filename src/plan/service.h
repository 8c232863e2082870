/* service.h - what a service manager hands on through the runtime, as if config.json asked for it. */
#pragma once
#include "plan/planner.h"

/* The configuration with the mount and the variables of the request's notify_dir and listen_fds; itself when neither is
 * asked for. */
const struct spec *service_spec(struct arena *a, const struct spec *spec, const struct plan_request *request);
