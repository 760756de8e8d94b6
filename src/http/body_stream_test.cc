#include "http/body_stream.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace eider::http {
namespace {

// Takes everything from a stream, waiting for wakes.
class Consumer {
 public:
  BodyStream::Options Options(Encoding encoding = Encoding::kIdentity) {
    BodyStream::Options options;
    options.encoding = encoding;
    options.wake = [this] {
      MutexLock lock(mutex_);
      woken_ = true;
      wake_.notify_one();
    };
    return options;
  }

  std::string TakeAll(BodyStream& stream) {
    std::string all;
    while (true) {
      BodyStream::Piece piece;
      while (!stream.Take(piece)) Wait();
      ++pieces;
      largest = std::max(largest, piece.bytes.size());
      all += piece.bytes;
      const bool last = piece.last;
      stream.Recycle(std::move(piece.bytes));
      if (last) return all;
    }
  }

  int pieces = 0;
  std::size_t largest = 0;

 private:
  void Wait() {
    MutexLock lock(mutex_);
    while (!woken_) wake_.wait(mutex_);
    woken_ = false;
  }

  Mutex mutex_;
  CondVar wake_;
  bool woken_ = false;
};

std::string Unbrotli(const std::string& compressed, std::size_t room) {
  std::string out(room, '\0');
  std::size_t size = room;
  if (BrotliDecoderDecompress(compressed.size(), reinterpret_cast<const std::uint8_t*>(compressed.data()), &size,
                              reinterpret_cast<std::uint8_t*>(out.data())) != BROTLI_DECODER_RESULT_SUCCESS) {
    return "damaged";
  }
  out.resize(size);
  return out;
}

std::string Decode(const std::string& text, Encoding encoding, std::size_t room) {
  switch (encoding) {
    case Encoding::kIdentity: return text;
    case Encoding::kGzip: return Gunzip(text);
    case Encoding::kBrotli: return Unbrotli(text, room);
  }
  return {};
}

TEST(BodyStream, SmallBodyIsOnePiece) {
  Consumer consumer;
  BodyStream stream(consumer.Options());
  ASSERT_TRUE(stream.Write("ab").ok());
  ASSERT_TRUE(stream.Write("cd").ok());
  stream.Finish({});
  EXPECT_EQ(consumer.TakeAll(stream), "abcd");
  EXPECT_EQ(consumer.pieces, 1);
  EXPECT_TRUE(stream.status().ok());
  EXPECT_EQ(stream.bytes_taken(), 4u);
}

TEST(BodyStream, WholeBodyIsPassedOnAsItIs) {
  Consumer consumer;
  BodyStream stream(consumer.Options());
  stream.FinishWith(std::string(1'000'000, 'x'));
  EXPECT_EQ(consumer.TakeAll(stream).size(), 1'000'000u);
  EXPECT_EQ(consumer.pieces, 1);
}

TEST(BodyStream, LargeBodyComesInBoundedPieces) {
  for (const Encoding encoding : {Encoding::kIdentity, Encoding::kGzip, Encoding::kBrotli}) {
    Consumer consumer;
    BodyStream stream(consumer.Options(encoding));
    std::string body;
    for (unsigned i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i * 7919) + ",";
    std::thread producer([&] {
      for (std::size_t at = 0; at < body.size(); at += 1000) {
        ASSERT_TRUE(stream.Write(std::string_view(body).substr(at, 1000)).ok());
      }
      stream.Finish({});
    });
    const std::string all = consumer.TakeAll(stream);
    producer.join();
    EXPECT_GT(consumer.pieces, 2);
    EXPECT_LE(consumer.largest, BodyStream::kPiece + 64 * 1024);
    EXPECT_EQ(stream.encoding(), encoding);
    EXPECT_EQ(Decode(all, encoding, body.size()), body);
  }
}

TEST(BodyStream, TinyBodyIsNotCompressed) {
  Consumer consumer;
  BodyStream stream(consumer.Options(Encoding::kBrotli));
  ASSERT_TRUE(stream.Write("{}").ok());
  stream.Finish({});
  EXPECT_EQ(consumer.TakeAll(stream), "{}");
  EXPECT_EQ(stream.encoding(), Encoding::kIdentity);
}

TEST(BodyStream, ProducerWaitsForTheConsumer) {
  Consumer consumer;
  BodyStream stream(consumer.Options());
  std::latch ended(1);
  std::thread producer([&] {
    EXPECT_TRUE(stream.Write(std::string(4 * BodyStream::kPiece, 'x')).ok());
    stream.Finish({});
    ended.count_down();
  });
  BodyStream::Piece piece;
  while (!stream.Take(piece)) std::this_thread::yield();
  EXPECT_FALSE(piece.last);
  stream.Recycle(std::move(piece.bytes));
  consumer.TakeAll(stream);
  ended.wait();
  producer.join();
}

TEST(BodyStream, AbandoningEndsTheProducersWait) {
  Consumer consumer;
  BodyStream stream(consumer.Options());
  std::thread producer([&] {
    Status status;
    while (status) status = stream.Write(std::string(BodyStream::kPiece, 'x'));
    EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
    stream.Finish(status);
  });
  stream.Abandon();
  consumer.TakeAll(stream);
  producer.join();
  EXPECT_FALSE(stream.status().ok());
}

TEST(BodyStream, ConsumerWithoutProgressEndsTheProducer) {
  Consumer consumer;
  BodyStream::Options options = consumer.Options();
  options.write_timeout = std::chrono::milliseconds(1);
  BodyStream stream(std::move(options));
  const Status status = stream.Write(std::string(8 * BodyStream::kPiece, 'x'));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(status.error().message, "the client reads too slowly");
}

TEST(BodyStream, DeadlineCoversWriting) {
  Consumer consumer;
  BodyStream::Options options = consumer.Options();
  options.deadline = Deadline::After(std::chrono::milliseconds(1));
  BodyStream stream(std::move(options));
  const Status status = stream.Write(std::string(8 * BodyStream::kPiece, 'x'));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "query timeout");
}

}  // namespace
}  // namespace eider::http
