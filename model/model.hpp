// Everything that a user of the model needs: the configuration, the world, and the model itself for
// `sim::Simulation<model::Model>`.
#pragma once

#include "model/config.hpp"
#include "model/context.hpp"
#include "model/dispatch.hpp"
#include "model/world.hpp"
