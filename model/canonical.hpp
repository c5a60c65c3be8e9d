// The canonical form of a world and its agenda (docs/architecture.md, rule 12): equal for two states exactly
// when they have equal futures. The field lists beside the types say most of it. What they leave out, because
// one part of the world says whether another still means anything, is decided here:
//
//   stale events      of an earlier life, a dead target, an earlier connection, a cancelled timer: no part of
//                     the agenda's form; in a backlog only marked, since catching up takes an event for each
//   dead references   an answer or a request that waits for a connection which is gone: for none
//   free slots        of connections, calls, answers and batches: alike, and none behind the last used one
//   executed backlog  no part
//
// So incarnations, generations, tickets and opaques never enter: only whether they are the present ones.
// A type that gets a (connection, generation) pair must be added to `canonical.cpp`.
#pragma once

#include "model/context.hpp"
#include "model/world.hpp"
#include "sim/canonical.hpp"

namespace brokersim::model {

/// Executing the event changes nothing that any later step looks at, now or later.
bool is_stale(const World& world, const Event& event);

/// The world with everything taken away that no future depends on; its field lists are the canonical form.
World normal_form(const World& world);

/// Memory of the world, whether shared with forks or not.
std::size_t bytes(const World& world);

}  // namespace brokersim::model
