// How long clients and brokers wait for a connection or an answer, where no setting says it. Each is its
// class's own default, in 4.9.8 and 5.3.3 alike.
#pragma once

#include "model/context.hpp"

namespace brokersim::model::rocketmq {

inline constexpr Duration connect_timeout = 3_s;    ///< NettyClientConfig.connectTimeoutMillis
inline constexpr Duration api_timeout = 3_s;        ///< ClientConfig.mqClientApiTimeout
inline constexpr Duration offset_timeout = 5_s;     ///< RemoteBrokerOffsetStore.fetchConsumeOffsetFromBroker
inline constexpr Duration admin_timeout = 6_s;      ///< MQAdminImpl.timeoutMillis
inline constexpr Duration outer_api_timeout = 3_s;  ///< BrokerOuterAPI: invokeSync(addr, request, 3000)
/// consumerTimeoutMillisWhenSuspend and the second of grace of scanResponseTable (whose own period, up to a
/// second more, is left out).
inline constexpr Duration pull_timeout = 31_s;

}  // namespace brokersim::model::rocketmq
