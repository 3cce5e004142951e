#include <ringway/coro/stop.hpp>

#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace ringway {
namespace {

struct counter : stop_callback {
    counter()
        : stop_callback{[](stop_callback& self) noexcept { ++static_cast<counter&>(self).told; }} {}
    int told = 0;
};

TEST(stop, tells_every_callback_once) {
    counter first;
    counter second;
    stop_source source;
    first.link(&source);
    second.link(&source);
    EXPECT_FALSE(source.stop_requested());

    source.request_stop();
    source.request_stop();

    EXPECT_TRUE(source.stop_requested());
    EXPECT_EQ(first.told, 1);
    EXPECT_EQ(second.told, 1);
}

TEST(stop, tells_at_once_who_comes_late) {
    stop_source source;
    source.request_stop();
    counter late;
    late.link(&source);
    EXPECT_EQ(late.told, 1);
}

TEST(stop, null_is_never_stopped) {
    counter lone;
    lone.link(nullptr);
    lone.unlink();
    EXPECT_EQ(lone.told, 0);
}

TEST(stop, tells_nobody_who_has_unlinked) {
    stop_source source;
    std::vector<std::unique_ptr<counter>> all;
    for (int i = 0; i < 5; ++i) {
        all.push_back(std::make_unique<counter>());
        all.back()->link(&source);
    }
    all[0]->unlink();  // The last in the list,
    all[2]->unlink();  // one in the middle,
    all[4].reset();    // and the first, by dying.

    source.request_stop();

    EXPECT_EQ(all[0]->told, 0);
    EXPECT_EQ(all[1]->told, 1);
    EXPECT_EQ(all[2]->told, 0);
    EXPECT_EQ(all[3]->told, 1);
}

TEST(stop, a_callback_can_be_linked_again) {
    counter again;
    {
        stop_source first;
        again.link(&first);
        again.unlink();
    }
    stop_source second;
    again.link(&second);
    second.request_stop();
    EXPECT_EQ(again.told, 1);
}

struct remover : stop_callback {
    remover()
        : stop_callback{[](stop_callback& self) noexcept {
              auto& me = static_cast<remover&>(self);
              ++me.told;
              me.unlink();
              if (me.victim != nullptr) {
                  me.victim->unlink();
              }
          }} {}
    stop_callback* victim = nullptr;
    int told = 0;
};

// Goal: whichever of two is told first takes the other out, which then is not told.
TEST(stop, a_callback_may_unlink_itself_and_others) {
    remover first;
    remover second;
    first.victim = &second;
    second.victim = &first;
    stop_source source;
    first.link(&source);
    second.link(&source);

    source.request_stop();

    EXPECT_EQ(first.told + second.told, 1);
}

struct self_destroying : stop_callback {
    explicit self_destroying(int& died)
        : stop_callback{[](stop_callback& self) noexcept {
              delete &static_cast<self_destroying&>(self);
          }},
          died_{died} {}
    ~self_destroying() { ++died_; }

private:
    int& died_;
};

TEST(stop, a_callback_may_end_its_own_life) {
    int died = 0;
    stop_source source;
    (new self_destroying{died})->link(&source);
    (new self_destroying{died})->link(&source);
    source.request_stop();
    EXPECT_EQ(died, 2);
}

struct linker : stop_callback {
    linker(stop_source& source, counter& other)
        : stop_callback{[](stop_callback& self) noexcept {
              auto& me = static_cast<linker&>(self);
              me.other_.link(&me.source_);
          }},
          source_{source},
          other_{other} {}

private:
    stop_source& source_;
    counter& other_;
};

TEST(stop, linking_while_callbacks_are_told_tells_at_once) {
    counter other;
    stop_source source;
    linker links{source, other};
    links.link(&source);
    source.request_stop();
    EXPECT_EQ(other.told, 1);
}

TEST(linked_stop, is_stopped_with_its_parent) {
    stop_source parent;
    linked_stop_source child{&parent};
    linked_stop_source grandchild{&child.source()};
    counter heard;
    heard.link(&grandchild.source());

    parent.request_stop();

    EXPECT_TRUE(child.stop_requested());
    EXPECT_TRUE(grandchild.stop_requested());
    EXPECT_EQ(heard.told, 1);
}

TEST(linked_stop, leaves_its_parent_alone) {
    stop_source parent;
    linked_stop_source child{&parent};
    child.request_stop();
    EXPECT_FALSE(parent.stop_requested());
    parent.request_stop();
    EXPECT_TRUE(child.stop_requested());
}

TEST(linked_stop, of_a_stopped_parent_starts_stopped) {
    stop_source parent;
    parent.request_stop();
    const linked_stop_source child{&parent};
    EXPECT_TRUE(child.stop_requested());
}

TEST(linked_stop, needs_no_parent_and_may_die_first) {
    stop_source parent;
    {
        linked_stop_source orphan{nullptr};
        orphan.request_stop();
        EXPECT_TRUE(orphan.stop_requested());
        const linked_stop_source child{&parent};
    }
    parent.request_stop();
}

TEST(stop_death_test, a_source_that_dies_before_its_listeners) {
    EXPECT_DEATH(
        {
            counter heard;
            std::optional<stop_source> source{std::in_place};
            heard.link(&*source);
            source.reset();
        },
        "assertion failed");
}

TEST(stop_death_test, a_callback_that_listens_twice) {
    EXPECT_DEATH(
        {
            stop_source source;
            counter heard;
            heard.link(&source);
            heard.link(&source);
        },
        "assertion failed");
}

}  // namespace
}  // namespace ringway
